import type { WebhookDelivery } from '@floodgate/contracts'
import { h, setText } from '../shared/dom.ts'
import { confirmAct } from './confirm.ts'
import { tableOf } from './forms.ts'
import { complaintOf, type Operator } from './operator.ts'
import { NEEDS_ADMIN, NEEDS_OPERATOR } from './role.ts'

/** Maximum number of listed webhooks, newest first. */
const LISTED_MAX = 50

const timeOf = (at: string | null): string => at?.slice(0, 19).replace('T', ' ') ?? ''

/** Returns the attempts of a webhook: the last one, and the newest ones where they are unfolded. */
function attemptsOf({ attempts, status, error, ms, triedAt, recentAttempts = [] }: WebhookDelivery) {
  if (attempts === 0) return ''
  const last = `${timeOf(triedAt)}: ${status ?? error ?? ''}${ms === null ? '' : `, ${ms} ms`}`
  if (recentAttempts.length < 2) return last
  return h(
    'details',
    {},
    h('summary', {}, last),
    h(
      'ul',
      { class: 'plain' },
      ...recentAttempts
        .toReversed()
        .map((each) => h('li', {}, `${timeOf(each.at)}: ${each.status ?? 'no response'}, ${each.ms} ms`)),
    ),
  )
}

/** Returns the cells of one webhook: what happened to it, what happens next, and what an operator can do. */
function cellsOf(webhook: WebhookDelivery, acts: HTMLElement | '') {
  const { createdAt, endpoint, type, order, state, attempts, dueAt } = webhook
  return [
    ...[timeOf(createdAt), endpoint, type.replace('order.', ''), order.slice(0, 8), state, String(attempts)],
    ...[attemptsOf(webhook), timeOf(dueAt), acts],
  ]
}

/** Builds the panel with the log of webhooks to the shop, which replays or drops those that were given up. */
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
            'Deliveries',
            ['Time (UTC)', 'Endpoint', 'Order was', 'Order id', 'State', 'Attempts#', 'Last', 'Next', 'Actions'],
            webhooks.map((webhook) => cellsOf(webhook, actsOf(webhook))),
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
  /** One that was given up is sent again or dropped; one that was dropped can still be sent. */
  function actsOf({ id, state }: WebhookDelivery): HTMLElement | '' {
    if (state !== 'dead' && state !== 'dropped') return ''
    const again = { type: 'button', class: 'quiet', ...NEEDS_OPERATOR, onclick: () => void sendAgain(id) } as const
    const dropped = { type: 'button', class: 'quiet', ...NEEDS_ADMIN, onclick: () => void dropOne(id) } as const
    return h(
      'div',
      { class: 'actions' },
      h('button', again, 'Send again'),
      state === 'dead' && h('button', dropped, 'Drop'),
    )
  }
  async function sendAgain(id: string): Promise<void> {
    setText(status, complaintOf(await operator.replayWebhook(id)) ?? 'The webhook is queued again.')
    await show()
  }
  async function dropOne(id: string): Promise<void> {
    const question = {
      title: 'Drop this webhook?',
      text: 'The shop does not learn of this change of the order. The webhook stays in the log, and can still be sent.',
      yes: 'Drop it',
    }
    if (!(await confirmAct(question))) return
    setText(status, complaintOf(await operator.dropWebhook(id)) ?? 'The webhook is dropped.')
    await show()
  }
  async function drop(): Promise<void> {
    const before = new Date().toISOString()
    const question = {
      title: 'Drop what was given up?',
      text: 'The shop does not learn of these changes of orders. The webhooks stay in the log.',
      yes: 'Drop them',
    }
    if (!(await confirmAct(question))) return
    const reply = await operator.dropWebhooks(before)
    if (reply.kind === 'success') setText(status, `${reply.body.dropped} are dropped, ${reply.body.dead} are dead.`)
    else setText(status, complaintOf(reply) ?? '')
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
      h(
        'button',
        { type: 'button', class: 'quiet', ...NEEDS_ADMIN, onclick: () => void drop() },
        'Drop those given up',
      ),
    ),
    status,
    log,
  )
}
