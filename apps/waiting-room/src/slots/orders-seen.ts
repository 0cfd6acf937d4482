import { MARGIN_MS } from '../tokens/sign-admission.ts'

const SECOND_MS = 1_000
/**
 * After this long without a report a member of the group is dead, and another one reports on its partitions: Kafka
 * detects a death after its session (10 s) and lets the others finish for 30 s before it reassigns the partitions.
 */
const DEAD_MS = 45 * SECOND_MS
/** Maximum delay of a slot, even if nothing is known about its order. */
const HELD_BACK_MS_MAX = 600 * SECOND_MS

/** The last report of a process: until when it has seen all orders on its partitions. Times by Redis' clock. */
export interface OrdersReport {
  readonly reportedAtMs: number
  /** Undefined: it has no partition. */
  readonly seenUntilMs: number | undefined
}

/**
 * Returns the latest deadline of slots that may be returned because it has passed: no order can have been placed on
 * them. An admission ends 5 s before its slot, so all orders up to then must have been seen. Without a report nothing
 * is known. Pure.
 */
export function latestDeadlineMs(reports: readonly OrdersReport[], nowMs: number): number {
  const seen = reports.flatMap(({ reportedAtMs, seenUntilMs }) =>
    seenUntilMs === undefined || nowMs - reportedAtMs > DEAD_MS ? [] : [seenUntilMs],
  )
  const seenByAllMs = seen.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...seen)
  return Math.max(nowMs - HELD_BACK_MS_MAX, Math.min(nowMs, seenByAllMs + MARGIN_MS))
}

export function isDeadReport({ reportedAtMs }: OrdersReport, nowMs: number): boolean {
  return nowMs - reportedAtMs > DEAD_MS
}
