import { eventGuard, type FloodgateEvent } from '@floodgate/contracts'
import type { Pool } from 'pg'

/** Answers are noted once per interval: many a second say the same. */
const NOTE_MS = 1_000

const isAnswer = eventGuard(['payment.succeeded.v1', 'payment.declined.v1', 'payment.awaiting-buyer.v1'])
const isReport = eventGuard(['payment.provider-failing.v1'])

/**
 * Notes what payment events say about payments as a whole: that the worker answers, whether only late ones, and that a
 * breaker is not closed. An order whose buyer has to agree first is late for its own reasons. A report counts from the
 * time it states, so that an old one says nothing. Safe to repeat.
 */
export function createNotePayments({ pool, silenceMs }: { readonly pool: Pool; readonly silenceMs: number }) {
  let notedAtMs = Number.NEGATIVE_INFINITY

  async function noteAnswers(orders: readonly string[]): Promise<void> {
    const startedMs = performance.now()
    if (startedMs - notedAtMs < NOTE_MS) return
    await pool.query({
      name: 'note-payment-answers',
      text: `update orders.payment_watch set heard_at = now(),
          late_at = case
            when (
              select min(now() - o.created_at) from orders.orders o where o.id = any ($1::uuid[]) and o.payment_url is null
            ) > $2::float8 * interval '1 ms' then now() else late_at end`,
      values: [orders, silenceMs],
    })
    notedAtMs = startedMs
  }

  async function noteReports(at: readonly string[]): Promise<void> {
    await pool.query({
      name: 'note-provider-failing',
      text: `update orders.payment_watch set reported_at = greatest(reported_at, least(
          (select max(at) from unnest($1::timestamptz[]) as report (at)), now()))`,
      values: [at],
    })
  }

  return async function notePayments(events: readonly FloodgateEvent[]): Promise<void> {
    const answered = events.filter(isAnswer).map(({ data }) => data.order)
    const reports = events.filter(isReport).map(({ data }) => data.at)
    if (answered.length > 0) await noteAnswers(answered)
    if (reports.length > 0) await noteReports(reports)
  }
}
