/** The types that a declaration file of something made by recipes may name, for every entry point that has recipes. */
export type {
  AnyFields,
  Applying,
  ChoiceField,
  CodeField,
  Field,
  FunctionMaker,
  Fields,
  FlagField,
  GivenOf,
  HyperField,
  LabelsField,
  LayerField,
  LayersField,
  MaskField,
  NamedField,
  NameTable,
  NumberField,
  NumbersField,
  OptimizerField,
  OptimizersField,
  OptionsOf,
  PaddingField,
  PerAxisField,
  QuantityField,
  RecordField,
  Resolved,
  ScheduleField,
  SchedulesField,
  SeedField,
  Stepping,
  StructureField
} from "./fields.js"
export type { Hyperparameter, Schedule } from "./hyperparameter.js"
export type { Range } from "./range.js"
export type { Described, Recipe, Trait, Traits } from "./recipe.js"
