import { createPool } from '@floodgate/database'
import { seededRandom } from '@floodgate/testkit'
import { commitBatch } from '../ledger/commit-batch.ts'
import type { CommitOutcome } from '../ledger/commit-outcome.ts'
import { createGroupCommit } from '../ledger/group-commit.ts'
import type { NewOrder } from '../order/order.ts'
import { line, newOrder } from './new-orders.ts'

/**
 * Writes orders through the group commit, as a process; the test starts several: `writer-process.ts DATABASE_URL SALE
 * SEED ORDERS SKUS`. Prints the count of each outcome.
 */
const [, , url = '', sale = '', seed = '1', orders = '0', skus = '1'] = process.argv
const random = seededRandom(Number(seed))
const pool = createPool(url, { max: 2 })
const ledger = createGroupCommit<NewOrder, CommitOutcome>({
  batchMax: 64,
  queueMax: 100_000,
  onBatch: () => undefined,
  commit: (batch) =>
    commitBatch(
      { pool, times: { holdMs: 600_000, chargeMarginMs: 1_000 }, giveUpAfterMs: 10_000, onError: () => undefined },
      batch,
    ),
})
const counts: Record<string, number> = {}
const submit = async (): Promise<void> => {
  const first = Math.floor(random() * Number(skus))
  const second = (first + 1 + Math.floor(random() * (Number(skus) - 1))) % Number(skus)
  // Carts in opposite orders: the lines stand in the order drawn.
  const submitted = await ledger.submit(newOrder({ sale, lines: [line(`sku-${first}`), line(`sku-${second}`)] }))
  const kind = submitted.kind === 'busy' ? 'busy' : submitted.outcome.kind
  counts[kind] = (counts[kind] ?? 0) + 1
}
const arrive = async (): Promise<void> => {
  for (let left = Number(orders) / 50; left > 0; left -= 1) {
    await Promise.all(Array.from({ length: 50 }, submit))
  }
}
await arrive()
await ledger.stop()
await pool.end()
process.stdout.write(JSON.stringify(counts))
