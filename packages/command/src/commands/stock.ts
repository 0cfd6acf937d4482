import { bodyOf } from '@floodgate/client'
import type { StockAudit } from '@floodgate/contracts'
import { type Command, type Outcome, unchanged } from '../command.ts'
import { EXIT } from '../exit-codes.ts'

const SALE = { name: 'sale', description: 'Id of the sale' }
const DIFFERS = 'Redis and Postgres differ'

function outcomeOf(audit: StockAudit): Outcome {
  return {
    data: audit,
    view: {
      kind: 'table',
      columns: ['sku', 'total', 'available', 'held', 'sold', 'in Redis', 'agree'],
      rows: audit.skus.map(({ sku, total, agree, redis, postgres }) => [
        ...[sku, total, postgres.available, postgres.held, postgres.sold],
        ...[`${redis.available} / ${redis.held} / ${redis.sold}`, agree],
      ]),
      empty: 'The sale has no items.',
    },
    exit: audit.agree ? EXIT.done : EXIT.found,
  }
}

const check: Command = {
  name: 'stock check',
  summary: 'Compares the stock in Redis with the ledger in Postgres',
  description:
    'While orders arrive the two may differ for a moment: units are held first, written next. Repeat it then.',
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

export const stockCommands: readonly Command[] = [check, repair]
