import { z } from 'zod'
import { claimSeries } from './prepare-claims.ts'
import { orderSeries } from './prepare-orders.ts'
import { reminderSeries } from './prepare-reminders.ts'

/** The job of the generator process. */
export const orderJob = z.strictObject({
  /** Connections are distributed over them in turn. */
  urls: z.array(z.string()).min(1),
  /** A JSON array of prepared orders. Without it a `series`, or `claims`, or `reminders`, or else reads of a `path`. */
  ordersFile: z.string().optional(),
  /** Orders, made when they are due; or `count` of them, made before the first is sent. */
  series: orderSeries.optional(),
  count: z.int().min(1).optional(),
  /** Claims of vouchers, each of another buyer; `count` of them are made before the first is sent. */
  claims: claimSeries.optional(),
  /** Requests for a mail before a sale opens, each of another buyer, made like claims. */
  reminders: reminderSeries.optional(),
  path: z.string().optional(),
  connections: z.int().min(1),
  /** Closed loop: how many of the connections send, one number after the other in equal parts of `secondsMax`. */
  stages: z.array(z.int().min(1)).optional(),
  /** Nothing is started after this long; requests in progress are awaited. */
  secondsMax: z.number(),
  /**
   * Orders start at this rate, whatever the responses do (open loop); without it each connection sends its next at
   * once.
   */
  perSecond: z.number().optional(),
})
export type OrderJob = z.infer<typeof orderJob>

export const orderReport = z.strictObject({
  /** From the first request to the last response. */
  elapsedMs: z.number(),
  /** CPU time of sending. */
  cpuMs: z.number(),
  /** Responses by status; `0` is a connection that ended without one. */
  statuses: z.record(z.string(), z.number()),
  /** Response times, from the moment that the request was due. */
  meanMs: z.number(),
  maxMs: z.number(),
  p50Ms: z.number(),
  p95Ms: z.number(),
  p99Ms: z.number(),
  /** The 95th percentile of the responses with each status. */
  p95MsByStatus: z.record(z.string(), z.number()),
  /** How late requests were sent: an open loop that is late measures itself. */
  lateP99Ms: z.number(),
  lateMaxMs: z.number(),
})
export type OrderReport = z.infer<typeof orderReport>

export function acceptedOf({ statuses }: Pick<OrderReport, 'statuses'>): number {
  return statuses['201'] ?? 0
}

/** Counts responses that must not occur: a server's failure, or no response. */
export function failuresOf({ statuses }: { readonly statuses: Readonly<Record<string, number>> }): number {
  return Object.entries(statuses).reduce((sum, [status, count]) => {
    const number = Number(status)
    return sum + (number === 0 || number >= 500 ? count : 0)
  }, 0)
}

/** Returns the share of one core that sending took. */
export function generatorShare({ cpuMs, elapsedMs }: OrderReport): number {
  return cpuMs / elapsedMs
}
