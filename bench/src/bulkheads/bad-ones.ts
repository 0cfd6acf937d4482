import { randomUUID } from 'node:crypto'
import { bodyOf } from '@floodgate/client'
import { createEventBus } from '@floodgate/event-bus'
import type { Redis } from '@floodgate/redis'
import { silentLogger } from '@floodgate/testkit/fixtures'
import type { Pool } from 'pg'
import { oneItem } from '../system/operator.ts'
import type { BenchSystem } from '../system/system.ts'

export const BAD_KINDS = ['order', 'sale', 'mail', 'event'] as const
export type BadKind = (typeof BAD_KINDS)[number]

export interface Scene {
  readonly system: BenchSystem
  readonly pool: Pool
  readonly redis: Redis
}

/** A faulty item that exists while valid orders are placed. */
export interface BadOne {
  /** Tells whether an operator can see it. */
  isSeen(): Promise<boolean>
  /** Removes it as an operator would. */
  drop(): Promise<void>
}

export const makeBad: Record<BadKind, (scene: Scene, name: string) => Promise<BadOne>> = {
  /** Creates an overdue order, older than any other, whose buyer has no units to return. */
  async order({ system, pool }, name) {
    const id = randomUUID()
    const { cores, openSale } = system.operator
    await openSale(name, { items: [oneItem(10)] })
    await pool.query(
      `insert into orders.orders (id, sale, buyer, slot, request_hash, status, total_minor, currency, payment_method,
         sealed_email, hold_expires_at, charge_by)
       values ($1, $2, 'bad', 'bad', '', 'pending', 1, 'EUR', 'sim_ok', '', now() - interval '1 hour', now() - interval '1 hour')`,
      [id, name],
    )
    await pool.query(`insert into orders.order_lines select $1, 0, 'COAT', 1, 1`, [id])
    return {
      async isSeen() {
        return (await bodyOf(cores.listParked())).parked.some(({ order }) => order === id)
      },
      async drop() {
        await bodyOf(cores.dropParked({ params: { id } }))
      },
    }
  },

  /** Creates a sale whose stock cannot be read in Redis: every check of it fails. */
  async sale({ system, redis }, name) {
    const key = `oc:{o:${name}}:meta`
    await system.operator.openSale(name, { items: [oneItem(10)] })
    const before = await failuresOf(system)
    await redis.set(key, 'no hash')
    return {
      isSeen: async () => (await failuresOf(system)) > before,
      async drop() {
        await redis.del(key)
      },
    }
  },

  /** Creates a mail whose address cannot be decrypted. */
  async mail({ pool }, name) {
    const id = randomUUID()
    await pool.query(
      `insert into notices.mails (event_id, order_id, kind, message_id, sealed_to, body)
       values (gen_random_uuid(), $1, 'confirmed', $2, 'no JWE', $3)`,
      [id, `<${name}@floodgate.invalid>`, JSON.stringify({ kind: 'confirmed', order: id, sale: name, items: [] })],
    )
    return {
      async isSeen() {
        const { rows } = await pool.query('select from notices.mails where order_id = $1 and last_error is not null', [
          id,
        ])
        return rows.length > 0
      },
      async drop() {
        await pool.query('delete from notices.mails where order_id = $1', [id])
      },
    }
  },

  /** Publishes an event that no consumer can read; each group gets its own dead letter. */
  async event({ system, redis }, name) {
    const group = 'bus:{order-core.saga}:dead'
    const before = await redis.xlen(group)
    const bus = createEventBus({ kind: 'redis', redisUrl: system.redisUrl, clientId: 'bench', log: silentLogger })
    const headers = {
      ...{ ce_specversion: '1.0', ce_id: name, ce_source: '/bench', ce_time: new Date().toISOString() },
      ce_aggregateversion: '1',
    }
    try {
      await bus.publish([
        { topic: 'floodgate.orders', key: name, headers: { ...headers, ce_type: 'order.placed.v1' }, value: '{' },
        {
          topic: 'floodgate.payments',
          key: name,
          headers: { ...headers, ce_type: 'payment.succeeded.v1' },
          value: '{',
        },
      ])
    } finally {
      await bus.close()
    }
    return { isSeen: async () => (await redis.xlen(group)) > before, drop: async () => undefined }
  },
}

async function failuresOf(system: BenchSystem): Promise<number> {
  const text = await (await fetch(`${system.urls.operations.orderCore}/metrics`)).text()
  return Number(/^floodgate_stock_reconcile_failures_total(?:\{[^}]*\})? (\d+)/m.exec(text)?.[1] ?? 0)
}
