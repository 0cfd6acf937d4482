import { bodyOf } from '@floodgate/client'
import { type WebhookDelivery, type WebhookState, webhookState } from '@floodgate/contracts'
import { type Command, unchanged } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import type { Cell, View } from '../view.ts'

const WEBHOOKS = 100

function rowOf({ id, order, type, state, attempts, triedAt, status, ms, dueAt, error }: WebhookDelivery): Cell[] {
  return [id, order, type, state, attempts, triedAt, status, ms, dueAt, error]
}

function attemptsOf(webhooks: readonly WebhookDelivery[]): View {
  return {
    kind: 'table',
    columns: ['webhook', 'attempt at', 'status', 'ms'],
    rows: webhooks.flatMap(({ id, recentAttempts = [] }) =>
      recentAttempts.map(({ at, status, ms }) => [id, at, status, ms]),
    ),
    empty: 'None was attempted.',
  }
}

const list: Command = {
  name: 'webhooks list',
  summary: 'Lists webhooks to the shop with their last attempts, newest first',
  options: {
    state: { type: 'string', value: 'STATE', choices: webhookState.options, description: 'dead by default' },
    order: {
      type: 'string',
      value: 'ORDER',
      description: 'Those about one order, in every state, with their newest attempts',
    },
    last: { type: 'number', value: 'N', min: 1, max: 1_000, description: `Webhooks; ${WEBHOOKS} by default` },
  },
  examples: [
    'floodgate webhooks list',
    'floodgate webhooks list --state deferred',
    'floodgate webhooks list --order 7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b',
  ],
  role: 'viewer',
  found: 'there are some',
  async run({ apps, input }) {
    const order = input.text('order')
    const state = (input.text('state') ?? (order === undefined ? 'dead' : undefined)) as WebhookState | undefined
    const query = { state, order, limit: input.number('last') ?? WEBHOOKS }
    const data = await bodyOf(apps.notifiers().listWebhooks({ query }))
    const webhooks: View = {
      kind: 'table',
      columns: ['webhook', 'order', 'type', 'state', 'attempts', 'tried at', 'status', 'ms', 'due at', 'error'],
      rows: data.webhooks.map(rowOf),
      empty: order === undefined ? `No webhook is ${state}.` : 'No such webhook is about this order.',
    }
    return {
      data,
      view: order === undefined ? webhooks : { kind: 'all', views: [webhooks, attemptsOf(data.webhooks)] },
      exit: data.webhooks.length === 0 ? EXIT.done : EXIT.found,
    }
  },
}

const replay: Command = {
  name: 'webhooks replay',
  summary: 'Queues dead webhooks again, or sends one again in any state, under its id. Safe to repeat',
  arguments: [{ name: 'webhook', description: 'Id of a webhook; all dead ones without it', optional: true }],
  examples: ['floodgate webhooks replay', 'floodgate webhooks replay 0a4d7f3b-8c1e-4e5f-8a9b-0c1d2e3f4a5b.shop'],
  role: 'operator',
  found: 'some are still dead',
  async run({ apps, input }) {
    const id = input.argument('webhook')
    if (id !== '') {
      const webhook = await bodyOf(apps.notifiers().replayWebhook({ params: { id } }))
      const text = `Webhook ${webhook.id}: ${webhook.state}, due at ${webhook.dueAt}.`
      return { data: webhook, view: { kind: 'text', text } }
    }
    const data = await bodyOf(apps.notifiers().replayWebhooks())
    const text = `${data.replayed} webhooks are queued again, ${data.dead} are dead.`
    return { data, view: { kind: 'text', text }, exit: data.dead === 0 ? EXIT.done : EXIT.found }
  },
}

const drop: Command = {
  name: 'webhooks drop',
  summary: 'Drops a dead webhook, or all dead ones: the shop does not get them. They stay in the log',
  arguments: [{ name: 'webhook', description: 'Id of a webhook; all dead ones without it', optional: true }],
  examples: ['floodgate webhooks drop', 'floodgate webhooks drop 0a4d7f3b-8c1e-4e5f-8a9b-0c1d2e3f4a5b.shop'],
  role: 'admin',
  asks: true,
  found: 'some are still dead',
  async run({ apps, input, confirm }) {
    const id = input.argument('webhook')
    // What is given up while the question waits for its answer stays.
    const before = new Date().toISOString()
    const question = `${id === '' ? 'All webhooks that are dead now' : `Webhook ${id}`} will be dropped: the shop does not learn of them.`
    if (!(await confirm(question))) return unchanged()
    if (id !== '') {
      const webhook = await bodyOf(apps.notifiers().dropWebhook({ params: { id } }))
      return { data: webhook, view: { kind: 'text', text: `Webhook ${webhook.id}: ${webhook.state}.` } }
    }
    const data = await bodyOf(apps.notifiers().dropWebhooks({ body: { before } }))
    const text = `${data.dropped} webhooks are dropped, ${data.dead} are dead.`
    return { data, view: { kind: 'text', text }, exit: data.dead === 0 ? EXIT.done : EXIT.found }
  },
}

export const webhookCommands: readonly Command[] = [list, replay, drop]
