import { bodyOf } from '@floodgate/client'
import { type Command, unchanged } from '../command.ts'
import { buyerIn, type Erasure, eraseBuyer, eraseReminders } from '../erase/erase-buyer.ts'
import { EXIT } from '../exit-codes.ts'
import { checkOwnAddresses } from '../own-addresses.ts'
import { APP_NAMES } from '../settings.ts'
import { UsageError } from '../usage-error.ts'
import type { View } from '../view.ts'

const erase: Command = {
  name: 'erase',
  summary: 'Erases one buyer from all apps, in one sale or in all',
  description: 'Repeat it as often as you like: an interrupted one is continued. What must stay for now is listed.',
  options: {
    buyer: { type: 'string', value: 'BUYER', description: 'The buyer, as floodgate orders show has it' },
    issuer: {
      type: 'string',
      value: 'ISS',
      description: 'iss of the ID tokens of an account of the shop; with --subject',
    },
    subject: { type: 'string', value: 'SUB', description: 'sub of that account' },
    sale: { type: 'string', value: 'SALE', description: 'Only in this sale' },
    email: {
      type: 'string',
      value: 'ADDRESS',
      description: 'Erases reminders to this address, alone or with the buyer',
    },
    'dry-run': { type: 'boolean', description: 'Counts, and erases nothing' },
  },
  examples: [
    'floodgate erase --buyer wq1VhF0rX2mJ8sLzC4yT7A --dry-run',
    'floodgate erase --issuer https://login.shop.example --subject 4711',
  ],
  role: 'admin',
  asks: true,
  found: 'something has to stay for now: repeat it later',
  async run({ apps, input, confirm }) {
    const { issuer, subject } = { issuer: input.text('issuer'), subject: input.text('subject') }
    const buyer = buyerIn({ buyer: input.text('buyer'), issuer, subject })
    const email = input.text('email')
    if (buyer === undefined && email !== undefined && issuer === undefined && subject === undefined) {
      if (input.flag('dry-run')) throw new UsageError('floodgate erase --email counts nothing: leave out --dry-run.')
      if (!(await confirm('Reminders to this address will be erased for good.'))) return unchanged()
      return shown(await eraseReminders(apps, email))
    }
    if (buyer === undefined)
      throw new UsageError('floodgate erase needs --buyer, --issuer and --subject, or --email alone.')
    const missing = APP_NAMES.filter((app) => !apps.names().includes(app))
    if (missing.length > 0)
      throw new UsageError(`An erasure needs all apps; no URL is known of: ${missing.join(', ')}.`)
    await checkOwnAddresses(apps)
    const who = { buyer, sale: input.text('sale') }
    const listed = await bodyOf(apps.cores().listErasable({ query: who }))
    const counted = `${listed.orders.length} orders of ${buyer} can be erased, ${listed.remaining.length} records have to stay.`
    if (input.flag('dry-run')) return { data: listed, view: { kind: 'text', text: `${counted} Nothing was erased.` } }
    if (!(await confirm(`${counted} The buyer will be erased from all apps for good.`))) return unchanged()
    return shown(await eraseBuyer(apps, { ...who, email }))
  },
}

function shown(erasure: Erasure) {
  return { data: erasure, view: showErasure(erasure), exit: erasure.remaining.length === 0 ? EXIT.done : EXIT.found }
}

function showErasure({ reports, remaining }: Erasure): View {
  const erased = reports.flatMap((report) =>
    Object.entries(report.erased).map(([table, rows]) => [report.app, table, rows] as const),
  )
  const isKnown = remaining.length > 0 || erased.some(([, , rows]) => rows > 0)
  return {
    kind: 'all',
    views: [
      { kind: 'table', columns: ['app', 'table', 'erased'], rows: erased, empty: 'No app has anything of a buyer.' },
      {
        kind: 'table',
        columns: ['stays for now', 'because'],
        rows: remaining.map(({ what, why }) => [what, why]),
        empty: isKnown ? 'Nothing has to stay.' : 'Nothing was found: no app knows this buyer (any more).',
      },
    ],
  }
}

export const eraseCommands: readonly Command[] = [erase]
