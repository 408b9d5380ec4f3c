import { scheduleLaws, warmupLaws } from "thalweg/laws"
import { schedules as catalogue, warmup } from "thalweg/schedule"
import { scheduleMutants, warmupMutants } from "../mutants/schedule/schedule.js"
import type { Suite } from "./suite.js"

export const schedules: readonly Suite[] = [
  ["schedules", scheduleLaws(catalogue), scheduleMutants],
  ["warm-up", warmupLaws(warmup), warmupMutants]
]
