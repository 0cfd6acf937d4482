import { randomUUID } from 'node:crypto'
import { withTransaction } from '@floodgate/database'
import { defineScript, type Redis, runScript } from '@floodgate/redis'
import type { Logger } from '@floodgate/service'
import type { Pool, PoolClient } from 'pg'
import { freesSlot, holdStateOf } from './follow-row.ts'
import { packLines } from './hold.ts'
import { saleKeys } from './keys.ts'
import { type LedgerHold, readHolds, readRevoked, readStock, readUnits } from './read-ledger.ts'

const script = defineScript({
  name: 'rebuild-write',
  file: new URL('./rebuild-write.lua', import.meta.url),
  numberOfKeys: 2,
})
const VALUES_PER_WRITE = 2_000

export interface RebuildDeps {
  readonly pool: Pool
  readonly redis: Redis
  readonly log: Logger
}

type Write = (key: string, command: 'HSET' | 'ZADD', values: readonly (string | number)[]) => Promise<void>

/**
 * Writes a sale's stock into Redis anew, from Postgres. The fence's row is locked for the whole of it and its epoch raised, so
 * that no batch that trusted the old fence is committed in between or afterwards. Does nothing when another process did
 * it in the meantime, unless it is forced.
 */
export const rebuildSale = async (
  { pool, redis, log }: RebuildDeps,
  { sale, runId, force }: { sale: string; runId: string; force: boolean },
): Promise<void> => {
  const keys = saleKeys(sale)
  const startedMs = performance.now()
  await withTransaction(pool, async (client) => {
    const fence = await lockFence(client, sale)
    const written = (await redis.hget(keys.meta, 'epoch')) ?? ''
    if (!force && written === `${fence}:${runId}`) return
    // Above both: a rebuild whose commit failed has left its number in Redis.
    const epoch = Math.max(fence, Number(written.split(':', 1)[0])) + 1
    await client.query('update orders.fences set epoch = $2, run_id = $3 where sale = $1', [sale, epoch, runId])
    const orders = await withSnapshot(pool, (snapshot) => writeStock({ redis, snapshot, sale, epoch, runId }))
    const fields = { sale, epoch, orders, ms: performance.now() - startedMs }
    // A new sale's stock has to be written once; every later time Redis had lost it.
    if (epoch === 1) log.info(fields, 'stock written to Redis')
    else log.warn(fields, 'stock rebuilt from Postgres')
  })
}

/** Waits for the batches under way; those that come later wait for us. */
const lockFence = async (client: PoolClient, sale: string): Promise<number> => {
  await client.query('insert into orders.fences (sale) values ($1) on conflict do nothing', [sale])
  const { rows } = await client.query<{ epoch: number }>('select epoch from orders.fences where sale = $1 for update', [
    sale,
  ])
  return rows[0]?.epoch ?? 0
}

/** Transitions don't wait for the fence: the snapshot keeps stock, units and orders of one moment together. */
const withSnapshot = async <Result>(pool: Pool, read: (client: PoolClient) => Promise<Result>): Promise<Result> =>
  withTransaction(pool, async (client) => {
    await client.query('set transaction isolation level repeatable read read only')
    return await read(client)
  })

const writeStock = async (options: {
  redis: Redis
  snapshot: PoolClient
  sale: string
  epoch: number
  runId: string
}): Promise<number> => {
  const { redis, snapshot, sale, epoch } = options
  const keys = saleKeys(sale)
  const token = randomUUID()
  // Without `meta` every script answers `rebuild` until we are through.
  await redis
    .multi()
    .set(keys.rebuilding, token)
    .unlink(keys.meta, keys.items, keys.stock, keys.held, keys.sold, keys.units, keys.holds, keys.slots, keys.barred)
    .exec()
  const write = writer(redis, { rebuilding: keys.rebuilding, token })

  const { version, currency, items } = await readStock(snapshot, sale)
  await write(
    keys.items,
    'HSET',
    items.flatMap((each) => [each.sku, `${each.salePriceMinor}|${each.perBuyerLimit}|${each.total}`]),
  )
  await write(
    keys.stock,
    'HSET',
    items.flatMap((each) => [each.sku, each.total - each.held - each.sold]),
  )
  await write(
    keys.held,
    'HSET',
    items.flatMap((each) => [each.sku, each.held]),
  )
  await write(
    keys.sold,
    'HSET',
    items.flatMap((each) => [each.sku, each.sold]),
  )
  for await (const page of readUnits(snapshot, sale))
    await write(
      keys.units,
      'HSET',
      page.flatMap((each) => [`${each.sku}|${each.buyer}`, each.units]),
    )
  let orders = 0
  for await (const page of readHolds(snapshot, sale)) {
    orders += page.length
    await writeHolds({ write, sale, epoch }, page)
  }
  // Stored before their slots were barred: what this snapshot does not show is barred after `meta` is there.
  await write(
    keys.barred,
    'ZADD',
    (await readRevoked(snapshot, sale)).flatMap((each) => [each.passExpiresAt.getTime(), each.slot]),
  )
  await write(keys.meta, 'HSET', ['epoch', `${epoch}:${options.runId}`, 'version', version, 'currency', currency])
  return orders
}

const writeHolds = async (
  { write, sale, epoch }: { write: Write; sale: string; epoch: number },
  page: readonly LedgerHold[],
): Promise<void> => {
  const keys = saleKeys(sale)
  const pending = page.filter((order) => order.status === 'pending')
  await write(
    keys.holds,
    'ZADD',
    pending.flatMap((order) => [order.holdExpiresAt.getTime(), order.id]),
  )
  await write(
    keys.slots,
    'HSET',
    page.filter((order) => !freesSlot(order)).flatMap((order) => [order.slot, order.id]),
  )
  await Promise.all(page.map((order) => write(keys.hold(order.id), 'HSET', recordOf(order, epoch))))
}

const recordOf = (order: LedgerHold, epoch: number): (string | number)[] => [
  ...['state', holdStateOf(order), 'hash', order.requestHash, 'epoch', epoch, 'buyer', order.buyer, 'slot', order.slot],
  ...(order.lines === null ? [] : ['currency', order.currency, 'lines', packLines(order.lines)]),
]

const writer =
  (redis: Redis, { rebuilding, token }: { rebuilding: string; token: string }): Write =>
  async (key, command, values) => {
    for (let from = 0; from < values.length; from += VALUES_PER_WRITE) {
      const part = values.slice(from, from + VALUES_PER_WRITE)
      const written = await runScript(redis, script, { keys: [rebuilding, key], args: [token, command, ...part] })
      if (written !== 1) throw new Error('another rebuild of this sale took over')
    }
  }
