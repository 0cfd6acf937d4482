import type { Pool } from 'pg'
import { figuresOf, type MeasuredState, type QueueFigures } from '../delivery/queue-operations.ts'

/** Counts the unsent webhooks of all endpoints, by the name of the endpoint; one without any has no figures. */
export async function measureWebhooks(pool: Pool): Promise<ReadonlyMap<string, QueueFigures>> {
  const { rows } = await pool.query<MeasuredState & { readonly endpoint: string }>({
    name: 'measure-webhooks',
    text: `select endpoint, case when status = 'dead' then 'dead' else coalesce(trouble, 'queued') end as state,
       count(*) as rows, extract(epoch from now() - min(created_at))::float8 as oldest
     from notices.webhooks where status <> 'sent' group by 1, 2`,
  })
  const byEndpoint = Map.groupBy(rows, ({ endpoint }) => endpoint)
  return new Map([...byEndpoint].map(([endpoint, states]) => [endpoint, figuresOf(states)]))
}

/** Counts the dead webhooks of these endpoints; undefined: of all, also of those that are no longer configured. */
export async function countDeadWebhooks(pool: Pool, endpoints?: readonly string[]): Promise<number> {
  const { rows } = await pool.query<{ dead: number }>(
    `select count(*)::int as dead from notices.webhooks
     where status = 'dead' and ($1::text[] is null or endpoint = any ($1))`,
    [endpoints ?? null],
  )
  return rows[0]?.dead ?? 0
}
