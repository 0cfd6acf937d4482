import type { PurchaseTrace, TraceStep } from '@floodgate/contracts'
import type pg from 'pg'
import { readStates } from '../live/state-store.ts'

interface MailRow {
  readonly kind: string
  readonly status: string
  readonly attempts: number
  readonly lastError: string | null
  readonly createdAt: Date
  readonly sentAt: Date | null
}

const app = 'notifier' as const

const mailSteps = (mail: MailRow): TraceStep[] => {
  const queued = { at: mail.createdAt.toISOString(), app, step: 'mail queued', detail: mail.kind }
  if (mail.sentAt !== null) {
    const detail = `${mail.kind}, attempt ${mail.attempts}`
    return [queued, { at: mail.sentAt.toISOString(), app, step: 'mail sent', detail }]
  }
  return [{ ...queued, detail: `${mail.kind}, ${mail.status}${mail.lastError === null ? '' : `: ${mail.lastError}`}` }]
}

/** What the notifier's records tell of one order; undefined for an order it never heard of. */
export const readTrace = async (pool: pg.Pool, order: string): Promise<PurchaseTrace | undefined> => {
  const [state] = await readStates(pool, [order])
  const { rows } = await pool.query<MailRow>(
    `select kind, status, attempts, last_error as "lastError", created_at as "createdAt", sent_at as "sentAt"
     from notices.mails where order_id = $1 order by created_at`,
    [order],
  )
  if (state === undefined && rows.length === 0) return undefined
  return { order, ...(state === undefined ? {} : { sale: state.sale }), steps: rows.flatMap(mailSteps) }
}
