import type { Readiness } from '@floodgate/contracts'
import type { MetricObjectWithValues, MetricValue, Registry } from 'prom-client'

/** The result of a registry's `getMetricsAsJSON`: every series with the rule for merging processes. */
export type MetricsJson = readonly Omit<MetricObjectWithValues<MetricValue<string>>, 'collect'>[]

/** Reads a registry's series without functions, which cannot be sent to another process. */
export async function readMetrics(registry: Registry): Promise<MetricsJson> {
  return (await registry.getMetricsAsJSON()).map(({ name, help, type, values, aggregator }) => ({
    name,
    help,
    type,
    values,
    aggregator,
  }))
}

/** The queries to a worker about itself, with the types of their replies. */
export interface Replies {
  readonly readiness: Readiness
  readonly metrics: MetricsJson
}
export type Question = keyof Replies

export type WorkerState = 'answering' | 'silent' | 'down'

/** One worker's part of the reply; `body` is present when it is `answering`. */
export interface Reply<Body> {
  readonly worker: number
  readonly state: WorkerState
  readonly body?: Body
}

/** `primary` is the primary's own part: it has metrics, but no readiness. */
export interface Gathered<Asked extends Question = Question> {
  readonly replies: readonly Reply<Replies[Asked]>[]
  readonly primary?: Replies[Asked]
}

/** Sent from a worker to the primary. */
export type WorkerMessage =
  | { readonly floodgate: 'started' }
  /** The configuration is invalid; the worker exits 78. */
  | { readonly floodgate: 'rejected'; readonly problems: readonly string[] }
  /** Queries all workers through the primary. */
  | { readonly floodgate: 'ask'; readonly id: number; readonly question: Question }
  | { readonly floodgate: 'answer'; readonly id: number; readonly body: Replies[Question] }

/** Sent from the primary to a worker. */
export type PrimaryMessage =
  | { readonly floodgate: 'stop'; readonly reason: string }
  | { readonly floodgate: 'question'; readonly id: number; readonly question: Question }
  | { readonly floodgate: 'gathered'; readonly id: number; readonly gathered: Gathered }

const isOurs = (message: unknown): message is { readonly floodgate: string } =>
  typeof message === 'object' && message !== null && 'floodgate' in message

/** Both ends run the same version of one app, so a message with the mark follows this protocol. */
export function asWorkerMessage(message: unknown): WorkerMessage | undefined {
  return isOurs(message) ? (message as WorkerMessage) : undefined
}
export function asPrimaryMessage(message: unknown): PrimaryMessage | undefined {
  return isOurs(message) ? (message as PrimaryMessage) : undefined
}
