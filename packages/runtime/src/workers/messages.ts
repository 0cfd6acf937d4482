import type { Readiness } from '@floodgate/contracts'
import type { MetricObjectWithValues, MetricValue, Registry } from 'prom-client'

/** What a registry's `getMetricsAsJSON` gives: every series with the rule by which processes are added up. */
export type MetricsJson = readonly Omit<MetricObjectWithValues<MetricValue<string>>, 'collect'>[]

/** A registry's series without anything that can't be sent to another process: a metric may bring functions along. */
export async function readMetrics(registry: Registry): Promise<MetricsJson> {
  return (await registry.getMetricsAsJSON()).map(({ name, help, type, values, aggregator }) => ({
    name,
    help,
    type,
    values,
    aggregator,
  }))
}

/** What a worker can be asked about itself. */
export interface Answers {
  readonly readiness: Readiness
  readonly metrics: MetricsJson
}
export type Question = keyof Answers

export type WorkerState = 'answering' | 'silent' | 'down'

/** One worker's part of what was asked; `body` is there when it is `answering`. */
export interface Reply<Body> {
  readonly worker: number
  readonly state: WorkerState
  readonly body?: Body
}

/** `primary` is the primary's own answer: metrics it has, readiness it has none. */
export interface Gathered<Asked extends Question = Question> {
  readonly replies: readonly Reply<Answers[Asked]>[]
  readonly primary?: Answers[Asked]
}

/** From a worker to the primary. */
export type WorkerMessage =
  | { readonly floodgate: 'started' }
  /** The configuration can't be worked with; the worker exits 78. */
  | { readonly floodgate: 'refused'; readonly problems: readonly string[] }
  /** Asks all workers by way of the primary. */
  | { readonly floodgate: 'ask'; readonly id: number; readonly question: Question }
  | { readonly floodgate: 'answer'; readonly id: number; readonly body: Answers[Question] }

/** From the primary to a worker. */
export type PrimaryMessage =
  | { readonly floodgate: 'stop'; readonly reason: string }
  | { readonly floodgate: 'question'; readonly id: number; readonly question: Question }
  | { readonly floodgate: 'gathered'; readonly id: number; readonly gathered: Gathered }

const isOurs = (message: unknown): message is { readonly floodgate: string } =>
  typeof message === 'object' && message !== null && 'floodgate' in message

/** Both ends are processes of one app at one version: whoever carries the mark speaks this protocol. */
export function asWorkerMessage(message: unknown): WorkerMessage | undefined {
  return isOurs(message) ? (message as WorkerMessage) : undefined
}
export function asPrimaryMessage(message: unknown): PrimaryMessage | undefined {
  return isOurs(message) ? (message as PrimaryMessage) : undefined
}
