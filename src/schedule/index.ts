export type { Hyperparameter, Schedule } from "./schedule.js"
export { constant, cosine, exponential, linear } from "./schedules.js"
