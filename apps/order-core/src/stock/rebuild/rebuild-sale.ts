import { randomUUID } from 'node:crypto'
import { defineScript, type RedisClient, runScript } from '@floodgate/redis'
import type { Logger, ReachFailPoint } from '@floodgate/runtime'
import type { Pool, PoolClient } from 'pg'
import { saleKeys } from '../keys.ts'
import type { RebuildOutcome, RebuildRequest } from '../stock-redis.ts'
import { raiseEpoch, withRebuildLock } from './fence-locks.ts'
import { followMissed } from './follow-missed.ts'
import { readFence } from './read-fence.ts'
import { withSnapshot } from './read-ledger.ts'
import { createWriteEntries, writeStock } from './write-stock.ts'

const beginScript = defineScript({ name: 'begin', file: new URL('./begin.lua', import.meta.url), numberOfKeys: 'any' })
const publishScript = defineScript({
  name: 'publish',
  file: new URL('./publish.lua', import.meta.url),
  numberOfKeys: 2,
})
/** Maximum age of a transaction that moves orders when it commits: its statements' time limits add up to less. */
const TRANSACTION_MS_MAX = 60_000

export interface RebuildDeps {
  readonly pool: Pool
  readonly redis: RedisClient
  readonly log: Logger
  readonly reachFailPoint?: ReachFailPoint
  onRebuilt?(rebuilt: { readonly orders: number; readonly ms: number }): void
}

/**
 * Rewrites a sale's stock in Redis from Postgres, unless it is current. A crash may follow any of its steps:
 *
 * 1. Redis is marked: no script changes the sale's stock any more.
 * 2. Postgres commits a new epoch: no batch of an older one is written any more.
 * 3. Counters and pending orders are read from one snapshot, on the same connection, and written to Redis. Earlier
 * purchases
 *    are loaded when their buyers return; see load-buyers.ts.
 * 4. Redis gets `meta` with the new epoch: holds are taken again.
 * 5. Orders that moved since the snapshot are followed; their own calls to Redis were rejected meanwhile.
 *
 * After a crash before 4 there is no `meta`, and the next request begins at 1. After a crash before the end of 5 `meta`
 * says so, and the reconciler repeats 5. Two at once cannot mix: each step in Redis requires the token of 1.
 */
export async function rebuildSale(deps: RebuildDeps, request: RebuildRequest): Promise<RebuildOutcome> {
  const before = await readFence(deps, request)
  if (before.isCurrent && before.isFollowed && !request.force) return 'current'
  async function lockAndRebuild(): Promise<RebuildOutcome> {
    request.signal.throwIfAborted()
    return await withRebuildLock(deps.pool, request.sale, async (client) => {
      const now = await readFence({ ...deps, pool: client }, request)
      const isDone = now.isCurrent && !(request.force && now.epoch === before.epoch)
      if (!isDone) await rebuild(deps, { ...request, client })
      await followMissed({ ...deps, client }, request)
      await deps.reachFailPoint?.('rebuild-followed')
      return isDone ? 'current' : 'rebuilt'
    })
  }
  // A sale that is being created has no orders, and its operator waits for the catalogue.
  return before.isNew ? await lockAndRebuild() : await request.inTurn(lockAndRebuild)
}

async function rebuild(deps: RebuildDeps, request: RebuildRequest & { readonly client: PoolClient }): Promise<void> {
  const { redis, log, reachFailPoint } = deps
  const { sale, runId, signal, client } = request
  const keys = saleKeys(sale)
  const startedMs = performance.now()
  const token = randomUUID()
  const { meta, items, stock, held, sold, units, holds, slots, barred, ledger, loaded, corrected, rebuilding } = keys
  const { campaigns, claims, claimed, openClaims } = keys
  const floor = await runScript(redis, beginScript, {
    keys: [
      ...[rebuilding, meta, items, stock, held, sold, units, holds, slots, barred, ledger, loaded, corrected],
      ...[campaigns, claims, claimed, openClaims],
    ],
    args: [token],
  })
  await reachFailPoint?.('rebuild-begun')
  const epoch = await raiseEpoch(client, { sale, floor: Number(floor), runId })
  await reachFailPoint?.('rebuild-epoch-raised')
  const write = createWriteEntries(redis, { rebuilding, token })
  const written = await withSnapshot(client, sale, async (snapshot) => {
    const onFirstOrders = async () => await reachFailPoint?.('rebuild-half-written')
    const all = await writeStock(write, { sale, snapshot, signal, onFirstOrders })
    return { ...all, beganAtMs: snapshot.beganAtMs }
  })
  await reachFailPoint?.('rebuild-written')
  const published = await runScript(redis, publishScript, {
    keys: [rebuilding, meta],
    args: [
      token,
      `${epoch}:${runId}`,
      written.version,
      written.currency,
      Math.floor(written.beganAtMs - TRANSACTION_MS_MAX),
      // Before the first epoch there were no orders.
      epoch === 1 ? '' : '1',
    ],
  })
  if (published !== 1) throw new Error('another rebuild of this sale took over')
  await reachFailPoint?.('rebuild-published')
  const { orders } = written
  const ms = performance.now() - startedMs
  deps.onRebuilt?.({ orders, ms })
  // A new sale's stock must be written once; every later time Redis had lost it.
  if (epoch === 1) log.info({ sale, epoch, orders, ms }, 'stock written to Redis')
  else log.warn({ sale, epoch, orders, ms }, 'stock rebuilt from Postgres')
}
