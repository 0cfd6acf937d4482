import type { RefundAtProvider } from '@floodgate/contracts'
import { h, setText } from '../shared/dom.ts'
import { money } from '../shared/words.ts'
import { confirmAct } from './confirm.ts'
import { fieldOf, formOf } from './forms.ts'
import { complaintOf, type Operator } from './operator.ts'
import { NEEDS_OPERATOR } from './role.ts'

const REFERENCE_CHARACTERS_MAX = 100

/** Builds the list of refunds that the payment provider rejected, each with what an operator can do about it. */
export function rejectedRefunds(operator: Operator): HTMLElement {
  const status = h('p', { role: 'status' })
  const list = h('ul', { class: 'plain' })

  async function show(): Promise<void> {
    const reply = await operator.rejectedRefunds()
    if (reply.kind !== 'success') return setText(status, complaintOf(reply) ?? '')
    const { refunds } = reply.body
    list.replaceChildren(
      ...refunds.map(item),
      ...(refunds.length === 0 ? [h('li', {}, 'The payment provider rejected none.')] : []),
    )
  }
  async function repeat({ order }: RefundAtProvider): Promise<void> {
    const reply = await operator.repeatRefunds(order)
    setText(status, complaintOf(reply) ?? 'The refund is requested again.')
    await show()
  }
  async function record({ id, amountMinor, currency, order }: RefundAtProvider, reference: string): Promise<void> {
    const question = {
      title: 'Was this refund made by hand?',
      text: `${money(amountMinor, currency)} of order ${order} count as refunded, and the buyer is told. The provider is not asked again. This cannot be undone.`,
      yes: 'It was made',
    }
    if (!(await confirmAct(question))) return
    const reply = await operator.refundMade(id, reference)
    setText(status, complaintOf(reply) ?? 'The refund counts as made.')
    await show()
  }
  function item(refund: RefundAtProvider): HTMLElement {
    const { order, sale, amountMinor, currency, updatedAt, reason } = refund
    const at = updatedAt.slice(0, 19).replace('T', ' ')
    const reference = fieldOf({ name: 'reference', label: 'Made by hand: its id at the provider', value: '' })
    reference.querySelector('input')?.setAttribute('maxlength', String(REFERENCE_CHARACTERS_MAX))
    const again = h(
      'button',
      { type: 'button', class: 'quiet', onclick: () => void repeat(refund) },
      'Request it again',
    )
    const form = formOf({
      fields: [reference],
      submit: 'Record it as made',
      onSubmit: (value) => void record(refund, value('reference')),
    })
    form.lastElementChild?.append(again)
    return h(
      'li',
      {},
      `${money(amountMinor, currency)} of order ${order} in ${sale}, rejected at ${at} UTC: ${reason ?? 'no reason'}`,
      h('div', NEEDS_OPERATOR, form),
    )
  }

  void show()
  return h(
    'div',
    {},
    h('h3', { class: 'spaced' }, 'Rejected by the payment provider'),
    h(
      'p',
      { class: 'small' },
      'Request a refund again once its cause is gone. Where the provider keeps rejecting it, pay it back by hand and record that.',
    ),
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'button', class: 'quiet', onclick: () => void show() }, 'Show rejected refunds'),
    ),
    status,
    list,
  )
}
