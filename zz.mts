import { add, scalar, sum, tensor } from "thalweg"
import { writeRun } from "thalweg/node"
const total = (s: any, b: any) => [add(s, sum(b)), sum(b)] as any
console.log(await writeRun(total, { mesh: { data: 2 }, place: [["batch", ["data"]]], checkpointEvery: 2 })
  (process.argv[2]!, scalar(0), Array.from({ length: Number(process.argv[3]) }, (_, i) => tensor([i, 1])))())
