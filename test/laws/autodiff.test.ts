import * as thalweg from "thalweg"
import { autodiffLaws } from "thalweg/laws"
import { hasTeeth, holds } from "./hold.js"
import { autodiffMutants } from "./mutants/autodiff.js"

const suite = autodiffLaws(thalweg)
holds(suite)
hasTeeth(suite, autodiffMutants)
