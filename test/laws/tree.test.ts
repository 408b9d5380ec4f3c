import { Tree } from "thalweg"
import { treeLaws } from "thalweg/laws"
import { hasTeeth, holds } from "./hold.js"
import { treeMutants } from "./mutants/tree.js"

const suite = treeLaws(Tree)
holds(suite)
hasTeeth(suite, treeMutants)
