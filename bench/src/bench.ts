import type { Conditions } from './machine/conditions.ts'

/** The programs that a bench needs; `npm run bench` installs missing ones, where that is possible. */
export type BenchNeed = 'kafka' | 'k6' | 'wrk'

export type OptionValue = number | string | boolean

export interface BenchOption {
  readonly about: string
  readonly default: OptionValue
  /** Used with `--small`: just enough to show that the bench still works. */
  readonly small?: OptionValue
}

export type BenchOptions = Readonly<Record<string, BenchOption>>

export type Values = Readonly<Record<string, OptionValue>>

/** The values of a bench's options: a number has type number, whatever its default. */
export type ValuesOf<Options extends BenchOptions> = {
  readonly [Name in keyof Options]: Options[Name]['default'] extends number
    ? number
    : Options[Name]['default'] extends boolean
      ? boolean
      : string
}

/** A threshold, and whether a run reached it. */
export interface ThresholdResult {
  readonly what: string
  readonly threshold: string
  readonly measured: string
  readonly reached: boolean
  /**
   * An `absolute` rate depends on the machine as much as on the code: it is reported, but does not affect the exit
   * code.
   */
  readonly kind: 'ratio' | 'absolute'
}

export interface BenchResult {
  readonly title: string
  readonly thresholds: readonly ThresholdResult[]
  /**
   * Faults that must never happen (a lost order, a failed response, a dropped iteration): any of them voids the run.
   */
  readonly faults: readonly string[]
  /** The result for people: tables and sentences, without title and conditions. */
  readonly markdown: string
  /** Stored next to it, as `<name>.svg`. */
  readonly plot?: string
  /** All measurements, for machines. */
  readonly details: object
}

export interface BenchRun<Given = Values> {
  readonly values: Given
  /** In a small run only the counts decide: it is too short for meaningful ratios. */
  readonly small: boolean
  /** An empty directory of this run, removed afterwards. */
  readonly directory: string
  readonly conditions: Conditions
  /** Prints one line of progress, with the time since the start. */
  progress(line: string): void
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal
}

export interface Bench {
  readonly name: string
  readonly about: string
  /** `compare`: all that compare with something else. `seeds`: the loads that five flash-sale shops report. */
  readonly group: 'load' | 'seeds' | 'compare' | 'cost' | 'operate'
  readonly needs: readonly BenchNeed[]
  readonly options: BenchOptions
  /** Tells whether it starts its own system, which needs a Redis: all do unless they state otherwise. */
  startsSystem?(values: Values): boolean
  /** `false`: its result is its output, not a file. */
  readonly keepsResult?: boolean
  run(run: BenchRun): Promise<BenchResult>
}

/** Types the values for `run` by the names and types of the options. */
export function defineBench<const Options extends BenchOptions>(
  bench: Omit<Bench, 'options' | 'run' | 'startsSystem'> & {
    readonly options: Options
    startsSystem?(values: ValuesOf<Options>): boolean
    run(run: BenchRun<ValuesOf<Options>>): Promise<BenchResult>
  },
): Bench {
  // Sound, because `parseCommand` builds the values from the same options.
  return bench as Bench
}
