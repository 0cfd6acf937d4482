import type { Conditions } from './machine/conditions.ts'

/** What a bench can't do without; `npm run bench` installs what is missing, where that is possible. */
export type BenchNeed = 'kafka' | 'k6' | 'wrk'

export type OptionValue = number | string | boolean

export interface BenchOption {
  readonly about: string
  readonly default: OptionValue
  /** Taken with `--small`: just enough to see that the bench still works. */
  readonly small?: OptionValue
}

export type BenchOptions = Readonly<Record<string, BenchOption>>

export type Values = Readonly<Record<string, OptionValue>>

/** The values of a bench's options: a number stays a number, whichever one. */
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
  /** An `absolute` rate tells as much of the machine as of the code: it is shown, and never decides the exit code. */
  readonly kind: 'ratio' | 'absolute'
}

export interface BenchResult {
  readonly title: string
  readonly thresholds: readonly ThresholdResult[]
  /** What must never happen and did (a lost order, a failed answer, a dropped iteration): any of them voids the run. */
  readonly faults: readonly string[]
  /** The result as one reads it: tables and sentences, without title and conditions. */
  readonly markdown: string
  /** Beside it, as `<name>.svg`. */
  readonly plot?: string
  /** Everything measured, for machines. */
  readonly details: object
}

export interface BenchRun<Given = Values> {
  readonly values: Given
  /** Only the counts decide in a small run: it is too short for a ratio to mean something. */
  readonly small: boolean
  /** An empty directory of this run's own, removed afterwards. */
  readonly directory: string
  readonly conditions: Conditions
  /** Shows one line of what goes on, with the time since the start. */
  progress(line: string): void
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
}

export interface Bench {
  readonly name: string
  readonly about: string
  /** `compare` is the group of all that stand side by side with something else. */
  readonly group: 'load' | 'compare' | 'cost' | 'operate'
  readonly needs: readonly BenchNeed[]
  readonly options: BenchOptions
  /** Whether it starts a system of its own, which needs a Redis: all do but those that say otherwise. */
  startsSystem?(values: Values): boolean
  /** `false`: what it prints is its result, and no file. */
  readonly keepsResult?: boolean
  run(run: BenchRun): Promise<BenchResult>
}

/** Gives `run` its values by the names and types of the options. */
export function defineBench<const Options extends BenchOptions>(
  bench: Omit<Bench, 'options' | 'run' | 'startsSystem'> & {
    readonly options: Options
    startsSystem?(values: ValuesOf<Options>): boolean
    run(run: BenchRun<ValuesOf<Options>>): Promise<BenchResult>
  },
): Bench {
  // Sound: `parseCommand` makes the values from these very options.
  return bench as Bench
}
