import { cast, type Tensor } from "thalweg"
import { scheduleLaws, type Law, type ScheduleCatalogue } from "thalweg/laws"
import { schedules, type Schedule } from "thalweg/schedule"

type Data<O> = { readonly [K in keyof O]: Exclude<O[K], Tensor> }

/** What makes a schedule of options that are data. */
export type Make<N extends keyof ScheduleCatalogue> = (
  options: Data<Parameters<ScheduleCatalogue[N]["make"]>[0]>
) => Schedule

type Rows = { readonly [N in keyof ScheduleCatalogue]: Make<N> }

/** The laws of the catalogue with some rows made otherwise. */
export const rows = (wrong: Partial<Rows>): readonly Law[] => {
  const entries = Object.entries(wrong).map(([name, make]) => [
    name,
    Object.assign({}, schedules[name as keyof ScheduleCatalogue], { make })
  ])
  return scheduleLaws({ ...schedules, ...(Object.fromEntries(entries) as Partial<ScheduleCatalogue>) })
}

/** The laws of the catalogue with something done to the schedule of every row. */
export const everyRow = (wrap: (schedule: Schedule) => Schedule): readonly Law[] => {
  const entries = Object.entries<{ readonly make: (options: never) => Schedule }>(schedules)
  return rows(Object.fromEntries(entries.map(([name, { make }]) => [name, (o: never) => wrap(make(o))])))
}

/** The step as a number that divides. */
export const float = (step: Tensor): Tensor => cast(step, "f64")
