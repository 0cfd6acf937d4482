import { bodyOf } from '@floodgate/client'
import { type OperatorOrderResource, type RefundBody, traceRoute } from '@floodgate/contracts'
import { type Command, type Context, type Outcome, unchanged } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { checkOwnAddresses } from '../own-addresses.ts'
import { UsageError } from '../usage-error.ts'
import type { View } from '../view.ts'

const ORDER = { name: 'order', description: 'Id of the order' }

function showOrder(order: OperatorOrderResource): View {
  const { currency } = order
  return {
    kind: 'all',
    views: [
      {
        kind: 'facts',
        facts: [
          ['order', order.id],
          ['sale', order.sale],
          ['status', order.cancelReason === undefined ? order.status : `${order.status} (${order.cancelReason})`],
          ['total', `${order.totalMinor} ${currency} in minor units`],
          ...(order.refundsMinor === undefined
            ? []
            : [['refunds', `${order.refundsMinor} ${currency} in minor units`] as const]),
          ['buyer', order.buyer],
          ['slot', order.slot],
          ['placed at', order.createdAt],
          ['hold ends at', order.holdExpiresAt],
          ['charged by', order.chargeBy],
          ['ended at', order.endedAt],
        ],
      },
      {
        kind: 'table',
        columns: ['sku', 'quantity', 'price'],
        rows: order.items.map(({ sku, quantity, priceMinor }) => [sku, quantity, priceMinor]),
        empty: 'It has no items.',
      },
      ...(order.refunds === undefined
        ? []
        : [
            {
              kind: 'table' as const,
              columns: ['refund', 'status', 'amount', 'items', 'restocked', 'by', 'reason', 'at'],
              rows: order.refunds.map((each) => [
                ...[each.id, each.status, each.amountMinor],
                each.items.map(({ sku, quantity }) => `${quantity} of ${sku}`).join(', '),
                ...[each.restock ? 'yes' : 'no', each.requestedBy, each.reason, each.createdAt],
              ]),
              empty: '',
            },
          ]),
    ],
  }
}

function done(order: OperatorOrderResource): Outcome {
  return { data: order, view: showOrder(order) }
}

function read({ apps, input }: Pick<Context, 'apps' | 'input'>): Promise<OperatorOrderResource> {
  return bodyOf(apps.cores().inspectOrder({ params: { id: input.argument('order') } }))
}

const find: Command = {
  name: 'orders find',
  summary: 'Finds orders by the number that a buyer quotes',
  arguments: [{ name: 'number', description: 'Such as 7F3K-92QD' }],
  examples: ['floodgate orders find 7F3K-92QD'],
  role: 'viewer',
  found: 'no order has the number',
  async run({ apps, input }) {
    const data = await bodyOf(apps.cores().listOrders({ query: { number: input.argument('number') } }))
    return {
      data,
      view: {
        kind: 'table',
        columns: ['order', 'status', 'total', 'currency'],
        rows: data.orders.map(({ id, status, totalMinor, currency }) => [id, status, totalMinor, currency]),
        empty: 'No order has that number.',
      },
      exit: data.orders.length === 0 ? EXIT.found : EXIT.done,
    }
  },
}

const show: Command = {
  name: 'orders show',
  summary: 'Shows an order with its items, buyer and slot',
  arguments: [ORDER],
  examples: ['floodgate orders show 7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b'],
  role: 'viewer',
  run: async (context) => done(await read(context)),
}

const cancel: Command = {
  name: 'orders cancel',
  summary: 'Cancels a pending order; its stock and slot go back. Safe to repeat',
  arguments: [ORDER],
  examples: ['floodgate orders cancel 7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b'],
  role: 'operator',
  asks: true,
  async run(context) {
    const { id, status, sale, items } = await read(context)
    const units = items.reduce((sum, { quantity }) => sum + quantity, 0)
    if (!(await context.confirm(`Order ${id} of ${sale} (${status}, ${units} units) will be cancelled.`)))
      return unchanged()
    return done(await bodyOf(context.apps.cores().cancelAnyOrder({ params: { id } })))
  },
}

/** Reads items such as `COAT=2,HAT=1`; undefined: all that are left. */
function itemsOf(text: string | undefined): RefundBody['items'] {
  return text?.split(',').map((item) => {
    const [, sku, quantity] = /^(.+)=([1-9]\d{0,5})$/.exec(item.trim()) ?? []
    if (sku === undefined) throw new UsageError(`--items takes items such as COAT=2,HAT=1, not ${item}.`)
    return { sku, quantity: Number(quantity) }
  })
}

const refund: Command = {
  name: 'orders refund',
  summary: 'Refunds a paid order, all that is left of it or some items. Asks first',
  arguments: [ORDER],
  options: {
    items: { type: 'string', value: 'SKU=N,…', description: 'Only these items; all that are left by default' },
    restock: { type: 'boolean', description: 'Puts the units back into stock, and into the limit of their buyer' },
    reason: { type: 'string', value: 'TEXT', description: 'For operators; the buyer does not see it' },
    key: {
      type: 'string',
      value: 'KEY',
      description:
        'Makes the command safe to repeat: with the same key it refunds once. A new one by default, which is printed',
    },
  },
  examples: [
    'floodgate orders refund 7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b --items COAT=1 --restock --reason "arrived torn"',
  ],
  role: 'operator',
  asks: true,
  async run(context) {
    const { apps, input, confirm, note } = context
    const reason = input.text('reason')
    if (reason === undefined) throw new UsageError('Name the --reason of the refund.')
    const items = itemsOf(input.text('items'))
    const restock = input.flag('restock')
    const { id, sale, status, totalMinor, refundsMinor = 0, currency } = await read({ apps, input })
    const what = items?.map(({ sku, quantity }) => `${quantity} of ${sku}`).join(', ') ?? 'all that is left'
    const money = `${refundsMinor} of ${totalMinor} ${currency} in minor units are refunded so far`
    const stock = restock ? 'the units go back into stock' : 'the units stay sold'
    const question = `Order ${id} of ${sale} (${status}; ${money}): ${what} will be refunded, and ${stock}.`
    if (!(await confirm(question))) return unchanged()
    const key = input.text('key') ?? crypto.randomUUID()
    note(`Should there be no response, repeat the command with --key ${key}, or it refunds a second time.`)
    const headers = { 'idempotency-key': key }
    const body = { ...(items === undefined ? {} : { items }), restock, reason }
    return done(await bodyOf(apps.cores().createRefund({ params: { id }, headers, body })))
  },
}

const repeatRefund: Command = {
  name: 'orders repeat-refund',
  summary: 'Requests the refunds of an order again that were rejected or take too long; each is made once',
  arguments: [ORDER],
  examples: ['floodgate orders repeat-refund 7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b'],
  role: 'operator',
  run: async ({ apps, input }) =>
    done(await bodyOf(apps.cores().refundOrder({ params: { id: input.argument('order') } }))),
}

const trace: Command = {
  name: 'orders trace',
  summary: 'Shows the steps of one purchase as recorded by the apps',
  arguments: [ORDER],
  examples: ['floodgate orders trace 7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b'],
  role: 'viewer',
  found: 'no app has a record of the order',
  async run({ apps, input }) {
    const params = { order: input.argument('order') }
    await checkOwnAddresses(apps)
    const known = apps.names().filter((app) => app !== 'waiting-room')
    const replies = await Promise.all(known.map((app) => apps.of(app, { trace: traceRoute }).trace({ params })))
    const found = await Promise.all(replies.filter(({ status }) => status !== 404).map((reply) => bodyOf(reply)))
    const { sale, slot } = found.find((each) => each.slot !== undefined) ?? {}
    const line =
      sale === undefined || slot === undefined || !apps.names().includes('waiting-room')
        ? undefined
        : await apps.rooms().traceSlot({ params: { sale, slot } })
    const ofLine = line === undefined || line.status === 404 ? [] : (await bodyOf(line)).steps
    const steps = [...ofLine, ...found.flatMap((each) => each.steps)].sort((one, other) =>
      one.at.localeCompare(other.at),
    )
    return {
      data: { ...params, steps },
      view: {
        kind: 'table',
        columns: ['at', 'app', 'step', 'detail'],
        rows: steps.map(({ at, app, step, detail }) => [at, app, step, detail]),
        empty: 'No app has a record of this order.',
      },
      exit: steps.length === 0 ? EXIT.found : EXIT.done,
    }
  },
}

export const orderCommands: readonly Command[] = [find, show, cancel, refund, repeatRefund, trace]
