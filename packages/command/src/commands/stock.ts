import { bodyOf } from '@floodgate/client'
import { LEDGER_FINDINGS, type StockAudit } from '@floodgate/contracts'
import { type Command, type Outcome, unchanged } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import type { View } from '../view.ts'

const SALE = { name: 'sale', description: 'Id of the sale' }
const DIFFERS = 'Redis and Postgres differ'

function outcomeOf(audit: StockAudit): Outcome {
  const { skus, vouchers = [] } = audit
  const items: View = {
    kind: 'table',
    columns: ['sku', 'total', 'available', 'held', 'sold', 'in Redis', 'agree'],
    rows: skus.map(({ sku, total, agree, redis, postgres }) => [
      ...[sku, total, postgres.available, postgres.held, postgres.sold],
      ...[`${redis.available} / ${redis.held} / ${redis.sold}`, agree],
    ]),
    empty: 'The sale has no items.',
  }
  const campaigns: View = {
    kind: 'table',
    columns: ['vouchers', 'total', 'issued', 'in Redis', 'agree'],
    rows: vouchers.map(({ campaign, total, issued, claimed, agree }) => [campaign, total, issued, claimed, agree]),
    empty: '',
  }
  return {
    data: audit,
    view: vouchers.length === 0 ? items : { kind: 'all', views: [items, campaigns] },
    exit: audit.agree ? EXIT.done : EXIT.found,
  }
}

const audit: Command = {
  name: 'stock audit',
  summary: 'Compares what the ledger counts with its orders, refunds and vouchers',
  description:
    'It reads all orders of the sale: ten to twenty seconds for a million, and four minutes at most. Run it when the sale is over.',
  arguments: [SALE],
  examples: ['floodgate stock audit demo'],
  role: 'viewer',
  found: 'the ledger does not add up',
  async run({ apps, input }) {
    const data = await bodyOf(apps.cores().checkLedger({ params: { sale: input.argument('sale') } }))
    return {
      data,
      view: {
        kind: 'table',
        columns: ['what', 'how often', 'for example', 'meaning'],
        rows: data.findings.map(({ what, count, examples }) => [
          what,
          count,
          examples.join(', '),
          LEDGER_FINDINGS[what],
        ]),
        empty: data.ordersDeleted
          ? 'The orders of the sale were deleted: there is nothing to compare.'
          : 'The ledger adds up: items, limits, amounts, refunds and vouchers.',
      },
      exit: data.ok ? EXIT.done : EXIT.found,
    }
  },
}

const check: Command = {
  name: 'stock check',
  summary: 'Compares the stock and the vouchers in Redis with the ledger in Postgres',
  description:
    'While orders and claims arrive the two may differ for a moment: they are held first, written next. Repeat it then.',
  arguments: [SALE],
  examples: ['floodgate stock check demo'],
  role: 'viewer',
  found: DIFFERS,
  run: async ({ apps, input }) =>
    outcomeOf(await bodyOf(apps.cores().auditStock({ params: { sale: input.argument('sale') } }))),
}

const repair: Command = {
  name: 'stock repair',
  summary: 'Rebuilds the stock in Redis from the ledger in Postgres',
  description:
    'No order of the sale is placed meanwhile, usually for less than a second. Nothing can be oversold by it.',
  arguments: [SALE],
  examples: ['floodgate stock repair demo'],
  role: 'operator',
  asks: true,
  found: `${DIFFERS} also after it`,
  async run({ apps, input, confirm }) {
    const params = { sale: input.argument('sale') }
    const before = await bodyOf(apps.cores().auditStock({ params }))
    const wrong = before.skus.filter(({ agree }) => !agree).length
    const question = `The stock of ${params.sale} will be rebuilt: ${wrong} of ${before.skus.length} items differ.`
    if (!(await confirm(question))) return unchanged()
    return outcomeOf(await bodyOf(apps.cores().repairStock({ params })))
  },
}

export const stockCommands: readonly Command[] = [check, repair, audit]
