/** The types that a declaration file of something made by recipes may name, for every entry point that has recipes. */
export type {
  AnyFields,
  ChoiceField,
  CodeField,
  Field,
  Fields,
  FlagField,
  GivenOf,
  HyperField,
  LabelsField,
  MaskField,
  NumberField,
  NumbersField,
  OptimizerField,
  OptimizersField,
  OptionsOf,
  QuantityField,
  RecordField,
  Resolved,
  ScheduleField,
  SchedulesField,
  SeedField,
  Stepping
} from "./fields.js"
export type { Hyperparameter, Schedule } from "./hyperparameter.js"
export type { Range } from "./range.js"
export type { Described, Recipe, Trait, Traits } from "./recipe.js"
