import { bodyOf } from '@floodgate/client'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'

const list: Command = {
  name: 'captures list',
  summary: 'Lists confirmed orders whose authorized money the payment provider refused to give, the oldest first',
  description:
    'Each is tried again every hour. Once its cause is corrected, captures repeat does not wait for that. Where the authorization has ended, refund ' +
    'all of the order with orders refund: no money moves, and it leaves the list.',
  examples: ['floodgate captures list'],
  role: 'viewer',
  found: 'there are some',
  async run({ apps }) {
    const data = await bodyOf(apps.workers().listRefusedCaptures())
    return {
      data,
      view: {
        kind: 'table',
        columns: ['order', 'sale', 'amount', 'currency', 'payment', 'tried at', 'next at', 'reason'],
        rows: data.captures.map(({ order, sale, amountMinor, currency, charge, updatedAt, dueAt, reason }) => [
          ...[order, sale, amountMinor, currency, charge, updatedAt, dueAt, reason],
        ]),
        empty: 'No capture was refused.',
      },
      exit: data.captures.length === 0 ? EXIT.done : EXIT.found,
    }
  },
}

const repeat: Command = {
  name: 'captures repeat',
  summary: 'Tries to take the money of a refused capture now; it is taken once. Safe to repeat',
  description: 'captures list shows whether it was in vain.',
  arguments: [{ name: 'order', description: 'Id of the order' }],
  examples: ['floodgate captures repeat 7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b'],
  role: 'operator',
  async run({ apps, input }) {
    const data = await bodyOf(apps.workers().repeatCapture({ params: { order: input.argument('order') } }))
    const text =
      data.status === 'refused'
        ? `The money of order ${data.order} is tried to be taken again.`
        : `The capture of order ${data.order} is ${data.status}, and is left as it is.`
    return { data, view: { kind: 'text', text } }
  },
}

export const captureCommands: readonly Command[] = [list, repeat]
