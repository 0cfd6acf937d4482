import { type EventOf, type EventType, eventGuard, type FloodgateEvent } from '@floodgate/contracts'
import { isRetriableDatabaseError } from '@floodgate/database'
import { beginSubscription, type EventBus, mergeBatches, type Subscription } from '@floodgate/event-bus'
import type { Pool } from 'pg'

export const SALES_GROUP = 'notifier.sales'

const SALE_TYPES = [
  'sale.configured.v1',
  'sale.opened.v1',
  'sale.paused.v1',
  'sale.resumed.v1',
  'sale.reopened.v1',
  'sale.closed.v1',
] as const satisfies readonly EventType[]
type SaleEvent = EventOf<(typeof SALE_TYPES)[number]>

const isSaleEvent = eventGuard(SALE_TYPES)

/** Follows sales, so that reminders know when each opens. */
export function consumeSales({ bus, pool }: { bus: EventBus; pool: Pool }): Subscription {
  return beginSubscription(bus, {
    group: SALES_GROUP,
    topics: ['floodgate.sales'],
    types: SALE_TYPES,
    isRetriable: isRetriableDatabaseError,
    handle: mergeBatches((batch) => keepSales(pool, newestSales(batch))),
  })
}

function newestSales(batch: readonly FloodgateEvent[]): readonly SaleEvent[] {
  const newest = new Map<string, SaleEvent>()
  for (const event of batch.filter(isSaleEvent)) {
    const known = newest.get(event.data.sale)
    if (known === undefined || known.aggregateVersion < event.aggregateVersion) newest.set(event.data.sale, event)
  }
  return [...newest.values()]
}

/** Stores sales; a version that is not newer than the stored one changes nothing. */
async function keepSales(pool: Pool, events: readonly SaleEvent[]): Promise<void> {
  if (events.length === 0) return
  await pool.query({
    name: 'keep-sales',
    text: `insert into notices.sales as sale (id, name, language, state, opens_at, version)
      select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::int[])
        as news (id, name, language, state, opens_at, version)
      order by id
      on conflict (id) do update set name = excluded.name, language = excluded.language, state = excluded.state,
        opens_at = excluded.opens_at, version = excluded.version
      where sale.version < excluded.version`,
    values: [
      events.map(({ data }) => data.sale),
      events.map(({ data }) => data.name),
      events.map(({ data }) => data.language ?? null),
      events.map(({ data }) => data.state),
      events.map(({ data }) => data.opensAt),
      events.map(({ aggregateVersion }) => aggregateVersion),
    ],
  })
}
