import type { Pool } from 'pg'
import type { QueueTable } from './delivery-queue.ts'

export interface QueueFigures {
  readonly lengths: Readonly<Record<'queued' | 'deferred' | 'unreadable' | 'dead', number>>
  /** Age of the oldest row that is still to be sent; 0 when there is none. */
  readonly oldestSeconds: number
}

/** What operators and metrics do with a queue. */
export interface QueueOperations<Listed> {
  /**
   * Queues a row that is over again, behind the fresh ones, with a clean record; makes a waiting one due. Does not touch
   * one that may be in progress, which is due within its lease.
   */
  retry(id: string, leaseMs: number): Promise<Listed | undefined>
  /** Queues up to `max` dead rows again, oldest first, as `retry` does. */
  retryDead(max: number): Promise<number>
  /** Counts unsent rows. */
  measure(): Promise<QueueFigures>
}

/** `listed`: the columns that `retry` returns. `over`: the condition of rows that `retry` queues again. */
export function createQueueOperations<Listed extends object>(
  pool: Pool,
  { name, table, key, only = 'true', listed, over }: Omit<QueueTable, 'columns'> & { listed: string; over: string },
): QueueOperations<Listed> {
  return {
    async retry(id, leaseMs) {
      const { rows } = await pool.query<Listed>(
        `update ${table} set
           due_at = case when ${over} or (status = 'queued' and due_at > now() + make_interval(secs => $2::float8 / 1000))
             then now() else due_at end,
           rejections = case when ${over} then 0 else rejections end,
           trouble = case when ${over} then null else trouble end,
           trouble_since = case when ${over} then null else trouble_since end,
           attempts = case when ${over} then greatest(1, attempts) else attempts end,
           status = case when ${over} then 'queued' else status end
         where ${key} = $1 and ${only}
         returning ${listed}`,
        [id, leaseMs],
      )
      return rows[0]
    },

    async retryDead(max) {
      const { rowCount } = await pool.query(
        `update ${table} set status = 'queued', due_at = now(), rejections = 0, trouble = null, trouble_since = null,
           attempts = greatest(1, attempts)
         where ${key} in (
           select ${key} from ${table} where ${only} and status = 'dead'
           order by created_at, ${key} limit $1 for no key update skip locked
         )`,
        [max],
      )
      return rowCount ?? 0
    },

    async measure() {
      const { rows } = await pool.query<MeasuredState>({
        name: `measure-${name}`,
        text: `select case when status = 'dead' then 'dead' else coalesce(trouble, 'queued') end as state,
           count(*) as rows, extract(epoch from now() - min(created_at))::float8 as oldest
         from ${table} where ${only} and status <> 'sent' group by 1`,
      })
      return figuresOf(rows)
    },
  }
}

/** The rows of a queue in one state. */
export interface MeasuredState {
  readonly state: keyof QueueFigures['lengths']
  readonly rows: number
  /** Age of the oldest (s). */
  readonly oldest: number
}

/** Returns the figures of a queue; states without a row are missing. Pure. */
export function figuresOf(states: readonly MeasuredState[]): QueueFigures {
  const lengths = { queued: 0, deferred: 0, unreadable: 0, dead: 0 }
  let oldestSeconds = 0
  for (const { state, rows, oldest } of states) {
    lengths[state] = rows
    if (state !== 'dead') oldestSeconds = Math.max(oldestSeconds, oldest)
  }
  return { lengths, oldestSeconds }
}
