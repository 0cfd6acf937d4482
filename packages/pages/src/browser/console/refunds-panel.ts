import type { OperatorOrderResource, OrderRefund } from '@floodgate/contracts'
import { h, setText } from '../shared/dom.ts'
import { randomId } from '../shared/random-id.ts'
import { money } from '../shared/words.ts'
import { confirmAct } from './confirm.ts'
import { fieldOf, formOf, tableOf } from './forms.ts'
import { complaintOf, type Operator } from './operator.ts'
import { rejectedRefunds } from './rejected-refunds.ts'
import { NEEDS_OPERATOR } from './role.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const REASON_CHARACTERS_MAX = 200

const linesOf = (items: readonly { readonly sku: string; readonly quantity: number }[]): string =>
  items.map(({ sku, quantity }) => `${quantity} of ${sku}`).join(', ')

const cellsOf = (refund: OrderRefund, currency: string) => [
  ...[refund.createdAt.slice(0, 19).replace('T', ' '), refund.status],
  ...[money(refund.amountMinor, currency), linesOf(refund.items)],
  ...[refund.restock ? 'yes' : 'no', refund.requestedBy, refund.reason],
]

/** Returns the units of each item that no refund covers yet. */
function leftOf({ items, refunds = [] }: OperatorOrderResource) {
  const refunded = (sku: string) =>
    refunds.flatMap(({ items: lines }) => lines).reduce((sum, line) => sum + (line.sku === sku ? line.quantity : 0), 0)
  return items.map(({ sku, quantity }) => ({ sku, left: quantity - refunded(sku) })).filter(({ left }) => left > 0)
}

/** Builds the panel that refunds a paid order, whole or by line, and finishes the refunds that the provider rejected. */
export function refundsPanel(operator: Operator): HTMLElement {
  const status = h('p', { role: 'status' })
  const shown = h('div', {})
  const rejected = rejectedRefunds(operator)

  async function find(text: string): Promise<void> {
    shown.replaceChildren()
    setText(status, '')
    const id = UUID.test(text) ? text : await idOf(text)
    if (id === undefined) return
    const reply = await operator.order(id)
    if (reply.kind === 'success') show(reply.body)
    else setText(status, isMissing(reply) ? 'There is no such order.' : (complaintOf(reply) ?? ''))
  }
  async function idOf(number: string): Promise<string | undefined> {
    const reply = await operator.ordersOf(number)
    const [order, ...others] = reply.kind === 'success' ? reply.body.orders : []
    if (order === undefined) setText(status, complaintOf(reply) ?? 'No order has that number.')
    if (order === undefined || others.length === 0) return order?.id
    const ids = [order, ...others].map((each) => `${each.id} (${money(each.totalMinor, each.currency)})`)
    setText(status, `Several orders have that number. Enter the id of one: ${ids.join(', ')}.`)
    return undefined
  }

  function show(order: OperatorOrderResource): void {
    const { status: state, totalMinor, refundsMinor = 0, currency, sale, refunds = [] } = order
    const left = leftOf(order)
    shown.replaceChildren(
      h(
        'p',
        {},
        `Order ${order.id} of ${sale}: ${state}. ${money(refundsMinor, currency)} of ${money(totalMinor, currency)} refunded.`,
      ),
      ...(refunds.length === 0
        ? []
        : [
            tableOf(
              'Given back so far',
              ['At', 'Refund', 'Amount#', 'Items', 'In stock again', 'By', 'Reason'],
              refunds.map((refund) => cellsOf(refund, currency)),
            ),
          ]),
      state === 'confirmed' && left.length > 0
        ? h('div', NEEDS_OPERATOR, refundForm(order, left))
        : h('p', {}, 'There is nothing to refund: the order is not paid, or all of it is refunded.'),
    )
  }

  function refundForm({ id }: OperatorOrderResource, left: ReturnType<typeof leftOf>): HTMLFormElement {
    // A repetition of the same form is the same refund, also when its first response was lost.
    const key = randomId()
    async function refund(value: (name: string) => string): Promise<void> {
      const wanted = left.map(({ sku }, at) => ({ sku, quantity: Number(value(`units-${at}`)) }))
      const items = wanted.filter(({ quantity }) => quantity > 0)
      if (items.length === 0) return setText(status, 'Enter how many units are refunded.')
      const isWhole = wanted.every(({ quantity }, at) => quantity === left[at]?.left)
      const restock = value('restock') !== ''
      const question = {
        title: 'Refund these items?',
        text: `${linesOf(items)}. The money goes back to the buyer, and the units ${restock ? 'go back into stock' : 'stay sold'}. A refund cannot be undone.`,
        yes: 'Refund',
      }
      if (!(await confirmAct(question))) return
      const body = { ...(isWhole ? {} : { items }), restock, reason: value('reason') }
      const reply = await operator.refund(id, body, key)
      setText(status, complaintOf(reply) ?? 'The refund is requested.')
      if (reply.kind === 'success') show(reply.body)
    }
    const reason = fieldOf({ name: 'reason', label: 'Reason, for operators', value: '' })
    reason.querySelector('input')?.setAttribute('maxlength', String(REASON_CHARACTERS_MAX))
    return formOf({
      fields: [
        ...left.map(({ sku, left: max }, at) =>
          fieldOf({ name: `units-${at}`, label: `${sku}, of ${max}`, value: String(max), type: 'number', min: 0, max }),
        ),
        reason,
        h(
          'label',
          { class: 'choice' },
          h('input', { type: 'checkbox', name: 'restock' }),
          h('span', {}, 'Back into stock', h('small', {}, 'And into the limit of the buyer.')),
        ),
      ],
      submit: 'Refund these items',
      onSubmit: (value) => void refund(value),
    })
  }

  return h(
    'section',
    { class: 'card wide', 'aria-labelledby': 'refunds-title' },
    h('h2', { id: 'refunds-title' }, 'Refunds'),
    formOf({
      fields: [fieldOf({ name: 'order', label: 'Order id or number', value: '' })],
      submit: 'Show the order',
      onSubmit: (value) => void find(value('order')),
    }),
    status,
    shown,
    rejected,
  )
}

const isMissing = (reply: Awaited<ReturnType<Operator['order']>>): boolean =>
  reply.kind === 'rejected' && reply.problem.status === 404
