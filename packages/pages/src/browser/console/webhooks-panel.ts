import type { WebhookDelivery } from '@floodgate/contracts'
import { h, setText } from '../shared/dom.ts'
import { tableOf } from './forms.ts'
import { complaintOf, type Operator } from './operator.ts'
import { NEEDS_OPERATOR } from './role.ts'

/** Maximum number of listed webhooks, newest first. */
const LISTED_MAX = 50

/** Returns the cells of one webhook: what happened to it, and what happens next. */
function cellsOf({ createdAt, endpoint, type, order, state, attempts, status, ms, error, dueAt }: WebhookDelivery) {
  const last = attempts === 0 ? '' : `${status ?? error ?? ''}${ms === null ? '' : `, ${ms} ms`}`
  return [
    createdAt.slice(11, 19),
    endpoint,
    type.replace('order.', ''),
    order.slice(0, 8),
    state,
    String(attempts),
    last,
    dueAt?.slice(11, 19) ?? '',
  ]
}

/** Builds the panel with the log of webhooks to the shop, which replays those that were given up. */
export function webhooksPanel(operator: Operator): HTMLElement {
  const status = h('p', { role: 'status' })
  const log = h('div', {})

  async function show(state?: 'dead'): Promise<void> {
    const reply = await operator.webhooks(LISTED_MAX, state)
    if (reply.kind !== 'success') return setText(status, complaintOf(reply) ?? '')
    const { webhooks } = reply.body
    log.replaceChildren(
      webhooks.length === 0
        ? h('p', {}, 'There is no webhook.')
        : tableOf(
            ['Time', 'Endpoint', 'Order was', 'Order id', 'State', 'Attempts#', 'Last', 'Next'],
            webhooks.map(cellsOf),
          ),
    )
  }
  async function replay(): Promise<void> {
    const reply = await operator.replayWebhooks()
    const complaint = complaintOf(reply)
    if (reply.kind === 'success')
      setText(status, `${reply.body.replayed} are queued again, ${reply.body.dead} are dead.`)
    else setText(status, complaint ?? '')
    await show()
  }
  void show()
  return h(
    'section',
    { class: 'card wide' },
    h('h2', {}, 'Webhooks to the shop'),
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'button', class: 'quiet', onclick: () => void show() }, 'Show the newest'),
      h('button', { type: 'button', class: 'quiet', onclick: () => void show('dead') }, 'Show those given up'),
      h(
        'button',
        { type: 'button', class: 'quiet', ...NEEDS_OPERATOR, onclick: () => void replay() },
        'Replay those given up',
      ),
    ),
    status,
    log,
  )
}
