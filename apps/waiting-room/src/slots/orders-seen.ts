import { MARGIN_MS } from '../tokens/sign-admission.ts'

const SECOND_MS = 1_000
/**
 * A member of the group that has not reported for so long is dead, and its partitions are another's, who reports on them:
 * Kafka notices a death after its session (10 s) and lets the others finish for 30 s before it gives the partitions out anew.
 */
const DEAD_MS = 45 * SECOND_MS
/** A slot is not held back for longer, whatever is known about its order. */
const HELD_BACK_MS_MAX = 600 * SECOND_MS

/** What a process last reported: until when it has seen all orders on its partitions. Times by Redis' clock. */
export interface OrdersReport {
  readonly reportedAtMs: number
  /** Undefined: it has no partition. */
  readonly seenUntilMs: number | undefined
}

/**
 * The latest deadline of a slot that may be given back because it has passed: no order can have been placed on it. Its pass
 * ended 5 s before; so all orders must be seen until then. Nobody who consumes orders has reported: nothing is known. Pure.
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
