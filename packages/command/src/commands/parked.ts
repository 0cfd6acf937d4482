import { bodyOf } from '@floodgate/client'
import { type Command, unchanged } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import type { Cell } from '../view.ts'

const ORDER = { name: 'order', description: 'Id of the order' }

const list: Command = {
  name: 'parked list',
  summary: 'Lists orders and holds that no sweep can process, oldest first',
  examples: ['floodgate parked list'],
  role: 'viewer',
  found: 'there are some',
  async run({ apps }) {
    const data = await bodyOf(apps.cores().listParked())
    return {
      data,
      view: {
        kind: 'table',
        columns: ['order', 'sale', 'fact', 'attempts', 'parked at', 'reason'],
        rows: data.parked.map((each): Cell[] => [
          ...[each.order, each.sale, each.fact, each.attempts],
          ...[each.parkedAt, each.reason],
        ]),
        empty: 'Nothing is parked.',
      },
      exit: data.parked.length === 0 ? EXIT.done : EXIT.found,
    }
  },
}

const retry: Command = {
  name: 'parked retry',
  summary: 'Retries a parked order, once its rows are corrected',
  arguments: [ORDER],
  examples: ['floodgate parked retry 7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b'],
  role: 'operator',
  async run({ apps, input }) {
    const data = await bodyOf(apps.cores().retryParked({ params: { id: input.argument('order') } }))
    return { data, view: { kind: 'text', text: `Order ${data.order}: ${data.outcome}.` } }
  },
}

const drop: Command = {
  name: 'parked drop',
  summary: 'Gives a parked order up: it stays as it is, and no sweep retries it',
  arguments: [ORDER],
  examples: ['floodgate parked drop 7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b'],
  role: 'admin',
  asks: true,
  async run({ apps, input, confirm }) {
    const order = input.argument('order')
    if (!(await confirm(`1 parked order, ${order}, will be given up for good.`))) return unchanged()
    await bodyOf(apps.cores().dropParked({ params: { id: order } }))
    return { data: { order, dropped: true }, view: { kind: 'text', text: `Order ${order} is given up.` } }
  },
}

export const parkedCommands: readonly Command[] = [list, retry, drop]
