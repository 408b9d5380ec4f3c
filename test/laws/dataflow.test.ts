import { compile, evaluate, foldBatches, scan } from "thalweg"
import { dataflowLaws } from "thalweg/laws"
import { hasTeeth, holds } from "./hold.js"
import { dataflowMutants } from "./mutants/dataflow.js"

const suite = dataflowLaws({ compile, evaluate, foldBatches, scan })
holds(suite)
hasTeeth(suite, dataflowMutants)
