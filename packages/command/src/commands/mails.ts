import { bodyOf } from '@floodgate/client'
import { type UnsentMailState, unsentMailState } from '@floodgate/contracts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import type { Cell } from '../view.ts'

const MAILS = 100

const list: Command = {
  name: 'mails list',
  summary: 'Lists unsent mails of one state, oldest first',
  options: {
    state: { type: 'string', value: 'STATE', choices: unsentMailState.options, description: 'dead by default' },
    last: { type: 'number', value: 'N', min: 1, max: 1_000, description: `Mails; ${MAILS} by default` },
  },
  examples: ['floodgate mails list', 'floodgate mails list --state deferred'],
  role: 'viewer',
  found: 'there are some',
  async run({ apps, input }) {
    const state = (input.text('state') ?? 'dead') as UnsentMailState
    const data = await bodyOf(apps.notifiers().listMails({ query: { state, limit: input.number('last') ?? MAILS } }))
    return {
      data,
      view: {
        kind: 'table',
        columns: ['mail', 'order', 'kind', 'attempts', 'due at', 'error'],
        rows: data.mails.map((mail): Cell[] => [mail.id, mail.order, mail.kind, mail.attempts, mail.dueAt, mail.error]),
        empty: `No mail is ${state}.`,
      },
      exit: data.mails.length === 0 ? EXIT.done : EXIT.found,
    }
  },
}

const retry: Command = {
  name: 'mails retry',
  summary: 'Queues dead mails again, or one mail of any unsent state. Safe to repeat',
  arguments: [{ name: 'mail', description: 'Id of a mail; all dead ones without it', optional: true }],
  examples: ['floodgate mails retry', 'floodgate mails retry 0a4d7f3b-8c1e-4e5f-8a9b-0c1d2e3f4a5b'],
  role: 'operator',
  found: 'some are still dead',
  async run({ apps, input }) {
    const id = input.argument('mail')
    if (id !== '') {
      const mail = await bodyOf(apps.notifiers().retryMail({ params: { id } }))
      return { data: mail, view: { kind: 'text', text: `Mail ${mail.id}: ${mail.state}, due at ${mail.dueAt}.` } }
    }
    const data = await bodyOf(apps.notifiers().retryMails())
    const text = `${data.retried} mails are queued again, ${data.dead} are dead.`
    return { data, view: { kind: 'text', text }, exit: data.dead === 0 ? EXIT.done : EXIT.found }
  },
}

export const mailCommands: readonly Command[] = [list, retry]
