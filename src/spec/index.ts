export { dataset, type DatasetOptions, type RawDataset } from "./dataset.js"
export { report } from "./report.js"
