import { bodyOf } from '@floodgate/client'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'

const check: Command = {
  name: 'money check',
  summary: 'Compares every charge at the provider with orders and refunds',
  examples: ['floodgate money check'],
  role: 'viewer',
  found: 'something is wrong',
  async run({ apps }) {
    const data = await bodyOf(apps.workers().checkMoney())
    const { ok, charges, orders, underWay, findings } = data
    const result = ok ? 'all right' : `${findings.length} wrong`
    return {
      data,
      view: {
        kind: 'all',
        views: [
          { kind: 'text', text: `${charges} approved charges, ${orders} orders, ${underWay} under way: ${result}` },
          {
            kind: 'table',
            columns: ['problem', 'order', 'status', 'charges'],
            rows: findings.map(({ problem, order, status, charges: ids }) => [problem, order, status, ids.join(', ')]),
            empty: 'Every charge has its order, and every order its charge.',
          },
        ],
      },
      exit: ok ? EXIT.done : EXIT.found,
    }
  },
}

export const moneyCommands: readonly Command[] = [check]
