import { LEDGER_FINDINGS } from '@floodgate/contracts/ledger-findings'
import { h, setText } from '../shared/dom.ts'
import { figure } from '../shared/words.ts'
import { tableOf } from './forms.ts'
import { complaintOf, type Operator } from './operator.ts'

/** Builds the button that compares what the ledger of a sale counts with its orders, and shows what differs. */
export function ledgerCheck(operator: Operator, sale: string): HTMLElement {
  const status = h('p', { role: 'status' })
  const differences = h('div', {})

  async function check(): Promise<void> {
    differences.replaceChildren()
    setText(status, 'All orders of the sale are read…')
    const reply = await operator.checkLedger(sale)
    if (reply.kind !== 'success') return setText(status, complaintOf(reply) ?? '')
    const { ok, ordersDeleted, findings } = reply.body
    if (ordersDeleted) return setText(status, 'The orders of the sale were deleted: there is nothing to compare.')
    if (ok) return setText(status, 'The ledger adds up: items, limits, amounts, refunds and vouchers.')
    setText(status, 'The ledger does not add up.')
    differences.replaceChildren(
      tableOf(
        'Differences in the ledger',
        ['What', 'How often#', 'For example', 'Meaning'],
        findings.map(({ what, count, examples }) => [what, figure(count), examples.join(', '), LEDGER_FINDINGS[what]]),
      ),
    )
  }

  return h(
    'div',
    { class: 'spaced' },
    h(
      'p',
      { class: 'small' },
      'When the sale is over, compare what the ledger counts with its orders, refunds and vouchers.',
    ),
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'button', class: 'quiet', onclick: () => void check() }, 'Check the ledger'),
    ),
    status,
    differences,
  )
}
