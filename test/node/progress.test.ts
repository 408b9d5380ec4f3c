import { PassThrough } from "node:stream"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { progress, type ProgressState } from "thalweg/node"
import { Screen } from "./screen.js"

const at = (step: number, steps = 10, loss = 1 / step, rate = 0.001): ProgressState => ({ step, steps, loss, rate })

/** Steps of a training, each taking a second. */
const walk = (update: (state: ProgressState) => void, steps: number, from = 1, to = steps): void => {
  for (let step = from; step <= to; step++) {
    vi.advanceTimersByTime(1000)
    update(at(step, steps))
  }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe("on a terminal", () => {
  test("draws one bar with step, loss, rate and the time left, and ends its line", () => {
    const screen = new Screen(120)
    const display = progress({ output: screen })
    walk(display.update, 4)
    vi.advanceTimersByTime(1000)
    expect(screen.lines).toEqual([`${"█".repeat(40)} 100% | step 4/4 | loss 0.2500 | rate 0.00100 | 0s left`])
    display.stop()
    screen.write("after")
    expect(screen.lines.slice(1)).toEqual(["after"])
  })

  test("shows how far it is while it goes", () => {
    const screen = new Screen(120)
    const display = progress({ output: screen })
    walk(display.update, 4, 1, 2)
    vi.advanceTimersByTime(1000)
    expect(screen.lines[0]).toMatch(/^█{20}░{20} 50% \| step 2\/4 \| loss 0\.5000 \| rate 0\.00100 \| \S+ left$/)
    display.stop()
  })

  test("draws while a loop never yields to timers, but not at every step", () => {
    const screen = new Screen()
    const display = progress({ output: screen })
    for (let step = 1; step <= 1000; step++) {
      vi.setSystemTime(step * 10)
      display.update(at(step, 1000))
    }
    const drawn = screen.written.split("step ").length - 1
    expect(drawn).toBeGreaterThan(20)
    expect(drawn).toBeLessThan(200)
    display.stop()
  })

  test("lines are written above the bar, and what comes afterwards stands below all of it", () => {
    const screen = new Screen(100)
    const display = progress({ output: screen })
    display.log("before")
    walk(display.update, 4, 1, 2)
    display.log("epoch 1")
    walk(display.update, 4, 3)
    display.log(
      "epoch 2, a longer line than the bar, which is cut at the width of the terminal anyway: nothing of it stays"
    )
    display.stop()
    screen.write("after\n")
    const [before, first, second, bar, after] = screen.lines
    expect([before, first, after]).toEqual(["before", "epoch 1", "after"])
    expect(second).toMatch(/^epoch 2, .* nothing of it stays$/)
    expect(bar).toMatch(/^█{40} 100% \| step 4\/4/)
  })

  const figures = "50% | step 60/120 | loss 0.0167 | rate 0.00100 | 1m00s left"
  const barred = (width: number, text: string): string => `${"█".repeat(width / 2)}${"░".repeat(width / 2)} ${text}`
  test.each([
    [200, barred(40, figures)],
    [80, barred(20, figures)],
    [60, figures],
    [40, "███░░ 50% loss 0.0167 rate 0.00100 1m00s"],
    [20, "██░ 50% 0.0167 1m00s"],
    [undefined, barred(20, figures)]
  ])("at %s columns, the bar takes what the figures leave", (columns, line) => {
    const screen = Object.assign(new Screen(), { columns: columns as number })
    const display = progress({ output: screen })
    walk(display.update, 120, 1, 60)
    vi.advanceTimersByTime(500)
    expect(screen.lines[0]).toBe(line)
    display.stop()
  })

  test("never writes more than the width, however narrow", () => {
    for (let columns = 1; columns <= 130; columns++) {
      const screen = new Screen(columns)
      const display = progress({ output: screen })
      walk(display.update, 3)
      display.stop()
      const [line = ""] = screen.lines
      expect(line.length).toBeLessThanOrEqual(columns)
      if (columns >= 14) expect(line).toMatch(/^[█░]* ?100% .*0\.3333.* 0s/u)
    }
  })

  test.each([
    [12, "10s"],
    [3602, "1h00m"],
    [90_002, "25h00m"],
    [1e9, "?"] // for months, it does not say
  ])("of %s seconds after two, %s are left", (steps, left) => {
    const screen = new Screen(120)
    const display = progress({ output: screen })
    walk(display.update, steps, 1, 2)
    vi.advanceTimersByTime(100)
    expect(screen.lines[0]).toContain(`| ${left} left`)
    display.stop()
  })

  test("leaves the settings of the terminal alone, so that nothing is to be restored when training is cut short", () => {
    const screen = new Screen()
    const before = process.listenerCount("SIGINT")
    const display = progress({ output: screen })
    walk(display.update, 3)
    expect(screen.written).not.toContain("\u001b[?")
    expect(process.listenerCount("SIGINT")).toBe(before)
    display.stop()
  })

  test("keeps no timer after stop, which may come at any time, even twice", () => {
    const screen = new Screen()
    const display = progress({ output: screen })
    display.stop()
    expect([screen.written, vi.getTimerCount()]).toEqual(["", 0])
    display.update(at(1))
    expect(vi.getTimerCount()).toBe(1)
    display.stop()
    const { written } = screen
    display.stop()
    display.update(at(2))
    expect([screen.written, vi.getTimerCount()]).toEqual([written, 0])
  })

  test("shows losses that are not finite", () => {
    const screen = new Screen(120)
    const display = progress({ output: screen })
    display.update(at(1, 2, NaN, 0))
    vi.advanceTimersByTime(1000)
    expect(screen.lines[0]).toContain("step 1/2 | loss NaN | rate 0.00 |")
    display.stop()
  })
})

describe("on anything else", () => {
  const plain = (lines?: number) => {
    const output = new PassThrough()
    const display = progress({ output, ...(lines === undefined ? {} : { lines }) })
    const read = (): readonly string[] =>
      String(output.read() ?? "")
        .split("\n")
        .slice(0, -1)
    return { display, read }
  }

  test("writes plain lines, without escapes", () => {
    const { display, read } = plain()
    walk(display.update, 3)
    display.log("epoch 1")
    display.stop()
    expect(read()).toEqual([
      "step 1/3  loss 1.0000  rate 0.00100",
      "step 2/3  loss 0.5000  rate 0.00100",
      "step 3/3  loss 0.3333  rate 0.00100",
      "epoch 1"
    ])
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each([
    [20, 20],
    [21, 11],
    [1000, 20],
    [999, 20],
    [1, 1]
  ])("of %s steps writes at most 20 lines, evenly, the last one of the last step: %s", (steps, count) => {
    const { display, read } = plain()
    walk(display.update, steps)
    const lines = read()
    expect(lines.length).toBe(count)
    expect(lines.at(-1)).toMatch(`step ${steps}/${steps} `)
  })

  test("or as many as one says", () => {
    const { display, read } = plain(3)
    walk(display.update, 10)
    expect(read().map(line => line.split(" ")[1])).toEqual(["4/10", "8/10", "10/10"])
  })

  test("the last step is told where a training stops before its end", () => {
    const output = new PassThrough()
    const display = progress({ output, lines: 3 })
    for (let step = 1; step <= 5; step++) display.update(at(step))
    display.stop()
    display.stop()
    expect(String(output.read()).trimEnd().split("\n")).toEqual([
      "step 4/10  loss 0.2500  rate 0.00100",
      "step 5/10  loss 0.2000  rate 0.00100"
    ])
  })

  test("losses far from 1 keep their digits", () => {
    const output = new PassThrough()
    const display = progress({ output })
    display.update(at(10, 10, 1e-6))
    display.update(at(10, 10, 1234567.89))
    expect(String(output.read())).toMatch(/loss 1\.000e-6 [^]*loss 1\.235e\+6 /)
  })

  test.each([{ lines: 0 }, { line: 3 }, { output: {} }])("options that are none are refused: %j", options => {
    expect(() => progress(options as never)).toThrow(/^progress: expected/)
  })

  test("a stream that says it is no terminal is none", () => {
    const output = Object.assign(new PassThrough(), { isTTY: false })
    progress({ output }).update(at(1, 1))
    expect(String(output.read())).toBe("step 1/1  loss 1.0000  rate 0.00100\n")
  })
})
