import {
  createHistogram,
  type IntervalHistogram,
  monitorEventLoopDelay,
  type RecordableHistogram,
} from 'node:perf_hooks'
import type { CrowdObserver, Operation, Outcome } from './observer.ts'

const SECOND = 1_000
const NANOSECONDS_PER_MS = 1e6
const MICROSECONDS_PER_MS = 1e3
const RESPONSE_MS_MAX = 60 * SECOND
const LOOP_RESOLUTION_MS = 10
const SECONDS_MAX = 3_600

/** In milliseconds. */
export interface Timing {
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/** The events of one second of the run. */
export interface SecondCount {
  responses: number
  failures: number
}

export interface Measures {
  /** The response times of each operation as buyers experience them, including the wait for a free connection. */
  readonly timings: Readonly<Partial<Record<Operation, Timing>>>
  /** The response times of all operations together. */
  readonly all: Timing
  /** Responses by status; `none`: no response. */
  readonly statuses: Readonly<Record<string, number>>
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>
  readonly joined: number
  readonly admittedBySocket: number
  /** The waits of all admitted buyers, in the order of their admission. */
  readonly waits: readonly { readonly place: number; readonly waitedMs: number }[]
  /** One entry for each second since the start, at most for an hour. */
  readonly seconds: readonly Readonly<SecondCount>[]
  /** How late this process' own event loop was: everything it timed includes that. */
  readonly generator: Timing
}

export interface CrowdMeasures {
  readonly observer: CrowdObserver
  read(): Measures
  close(): void
}

/** Counts and times the events of a crowd, in memory that does not grow with the number of responses. */
export function createMeasures(): CrowdMeasures {
  const startedAt = performance.now()
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS })
  loop.enable()
  const all = createResponseHistogram()
  const histograms = new Map<Operation, RecordableHistogram>()
  const statuses: Record<string, number> = {}
  const outcomes: Partial<Record<Outcome, number>> = {}
  const waits: { place: number; waitedMs: number }[] = []
  const seconds: SecondCount[] = []
  let joined = 0
  let admittedBySocket = 0

  const histogramOf = (operation: Operation): RecordableHistogram => {
    const known = histograms.get(operation)
    if (known !== undefined) return known
    const made = createResponseHistogram()
    histograms.set(operation, made)
    return made
  }
  const countInSecond = (failed: boolean): void => {
    const index = Math.min(SECONDS_MAX - 1, Math.floor((performance.now() - startedAt) / SECOND))
    while (seconds.length <= index) seconds.push({ responses: 0, failures: 0 })
    const second = seconds[index]
    if (second === undefined) return
    second.responses += 1
    if (failed) second.failures += 1
  }

  return {
    observer: {
      onResponse({ operation, status, ms }) {
        const name = String(status ?? 'none')
        statuses[name] = (statuses[name] ?? 0) + 1
        countInSecond(isFailure(status))
        const microseconds = Math.max(1, Math.round(Math.min(RESPONSE_MS_MAX, ms) * MICROSECONDS_PER_MS))
        histogramOf(operation).record(microseconds)
        all.record(microseconds)
      },
      onJoined() {
        joined += 1
      },
      onAdmitted({ place, waitedMs, way }) {
        waits.push({ place, waitedMs })
        if (way === 'socket') admittedBySocket += 1
      },
      onEnd({ outcome }) {
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
      },
    },
    read: () => ({
      timings: Object.fromEntries([...histograms].map(([name, each]) => [name, timingOf(each)])),
      all: timingOf(all),
      statuses: { ...statuses },
      outcomes: { ...outcomes },
      joined,
      admittedBySocket,
      waits: [...waits],
      seconds: seconds.map((second) => ({ ...second })),
      generator: loopDelayOf(loop),
    }),
    close: () => void loop.disable(),
  }
}

/** Tells whether a response is one that no healthy server sends. Pure. */
export function isFailure(status: number | undefined): boolean {
  return status === undefined || status >= 500
}

const createResponseHistogram = (): RecordableHistogram =>
  createHistogram({ lowest: 1, highest: RESPONSE_MS_MAX * MICROSECONDS_PER_MS, figures: 3 })

const timingOf = (histogram: RecordableHistogram): Timing => {
  const at = (percentile: number): number => histogram.percentile(percentile) / MICROSECONDS_PER_MS
  return {
    ...{ count: histogram.count, mean: histogram.mean / MICROSECONDS_PER_MS },
    ...{ p50: at(50), p95: at(95), p99: at(99), max: histogram.max / MICROSECONDS_PER_MS },
  }
}

/** The histogram has the time between two samples; what exceeds the interval is delay. */
const loopDelayOf = (loop: IntervalHistogram): Timing => {
  if (loop.count === 0) return { count: 0, mean: 0, p50: 0, p95: 0, p99: 0, max: 0 }
  const delay = (nanoseconds: number): number => Math.max(0, nanoseconds / NANOSECONDS_PER_MS - LOOP_RESOLUTION_MS)
  const at = (percentile: number): number => delay(loop.percentile(percentile))
  return { count: loop.count, mean: delay(loop.mean), p50: at(50), p95: at(95), p99: at(99), max: delay(loop.max) }
}
