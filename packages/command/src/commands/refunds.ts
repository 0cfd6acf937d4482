import { bodyOf } from '@floodgate/client'
import { type Command, unchanged } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { UsageError } from '../usage-error.ts'

const list: Command = {
  name: 'refunds list',
  summary: 'Lists refunds that the payment provider rejected, the longest waiting first',
  description:
    'Amounts are in the minor unit of their currency, such as cents. Request one again with orders repeat-refund, or make it by hand at the provider and record that with refunds made.',
  examples: ['floodgate refunds list'],
  role: 'viewer',
  found: 'there are some',
  async run({ apps }) {
    const data = await bodyOf(apps.workers().listRejectedRefunds())
    return {
      data,
      view: {
        kind: 'table',
        columns: ['refund', 'order', 'sale', 'minor units', 'currency', 'rejected at', 'reason'],
        rows: data.refunds.map(({ id, order, sale, amountMinor, currency, updatedAt, reason }) => [
          ...[id, order, sale, amountMinor, currency, updatedAt, reason],
        ]),
        empty: 'No refund was rejected.',
      },
      exit: data.refunds.length === 0 ? EXIT.done : EXIT.found,
    }
  },
}

const made: Command = {
  name: 'refunds made',
  summary: 'Records that a rejected refund was made by hand. Asks first; safe to repeat with the same reference',
  description:
    'The buyer and the shop learn of it as of any other refund, and it never goes to the provider again. It cannot be taken back.',
  arguments: [{ name: 'refund', description: 'Id of the refund, as listed' }],
  options: {
    reference: {
      type: 'string',
      value: 'TEXT',
      description: "How the money went back: the provider's id of the refund, or a note",
    },
  },
  examples: ['floodgate refunds made 0a4d7f3b-8c1e-4e5f-8a9b-0c1d2e3f4a5b --reference re_3PqX4b2eZvKYlo2C'],
  role: 'operator',
  asks: true,
  async run({ apps, input, confirm }) {
    const [id, reference] = [input.argument('refund'), input.text('reference')]
    if (reference === undefined) throw new UsageError('Name the --reference: how the money went back.')
    const question = `Refund ${id} will count as made (${reference}). Floodgate never asks the provider for it again.`
    if (!(await confirm(question))) return unchanged()
    const data = await bodyOf(apps.workers().makeRefundByHand({ params: { id }, body: { reference } }))
    const text = `Refund ${id} of order ${data.order}: ${data.amountMinor} ${data.currency} in minor units are refunded.`
    return { data, view: { kind: 'text', text } }
  },
}

export const refundCommands: readonly Command[] = [list, made]
