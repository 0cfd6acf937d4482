import { bodyOf } from '@floodgate/client'
import type { SaleAct, SalePutInput, SaleResource } from '@floodgate/contracts'
import { type Command, type Context, type Options, type Outcome, unchanged } from '../command.ts'
import type { Input } from '../input.ts'
import { UsageError } from '../usage-error.ts'
import type { View } from '../view.ts'

const SALE = { name: 'sale', description: 'Id of the sale' }
const SETTINGS: Options = {
  name: { type: 'string', value: 'TEXT', description: 'Name for buyers' },
  rate: { type: 'number', value: 'N', min: 0.1, max: 10_000, description: 'Admissions per second' },
  'max-active': { type: 'number', value: 'N', min: 1, max: 1_000_000, description: 'Turns at the same time' },
  'time-to-buy': { type: 'number', value: 'SECONDS', min: 10, max: 86_400, description: 'Length of a turn' },
  'opens-at': {
    type: 'string',
    value: 'TIME',
    description: 'RFC 3339, such as 2027-03-28T10:00:00+02:00; none for by hand',
  },
  'closes-at': { type: 'string', value: 'TIME', description: 'RFC 3339; none for by hand' },
}

function settingsOf(input: Input): Partial<SalePutInput> {
  const given = {
    name: input.text('name'),
    admitPerSecond: input.number('rate'),
    maxActive: input.number('max-active'),
    admissionTtlSeconds: input.number('time-to-buy'),
    opensAt: timeOf(input.text('opens-at')),
    closesAt: timeOf(input.text('closes-at')),
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function timeOf(text: string | undefined): string | null | undefined {
  return text === 'none' ? null : text
}

function showSale(sale: SaleResource): View {
  const { counts, fairness } = sale
  return {
    kind: 'facts',
    facts: [
      ['sale', sale.id],
      ['name', sale.name],
      ['state', sale.state],
      ['opens at', sale.opensAt],
      ['closes at', sale.closesAt],
      ['admissions per second', sale.admitPerSecond],
      ['turns at the same time', sale.maxActive],
      ['time to buy', `${sale.admissionTtlSeconds} s`],
      ['version', sale.version],
      ['waiting', counts.waiting],
      ['away', counts.away],
      ['buying', counts.active],
      ['admitted', counts.admitted],
      ['first in line waits for', fairness.oldestWaiterSeconds === null ? null : `${fairness.oldestWaiterSeconds} s`],
    ],
  }
}

function done(sale: SaleResource): Outcome {
  return { data: sale, view: showSale(sale) }
}

const list: Command = {
  name: 'sales list',
  summary: 'Lists the sales that are not over, and those that closed in the last two days',
  examples: ['floodgate sales list', 'floodgate sales list --json'],
  role: 'viewer',
  async run({ apps }) {
    const data = await bodyOf(apps.rooms().listSales())
    return {
      data,
      view: {
        kind: 'table',
        columns: ['sale', 'state', 'waiting', 'buying', 'admitted', 'opens at', 'name'],
        rows: data.sales.map(({ id, state, counts, opensAt, name }) => [
          ...[id, state, counts.waiting, counts.active, counts.admitted],
          ...[opensAt, name],
        ]),
        empty: 'There is no sale.',
      },
    }
  },
}

const show: Command = {
  name: 'sales show',
  summary: 'Shows a sale with its settings and counts',
  arguments: [SALE],
  examples: ['floodgate sales show demo'],
  role: 'viewer',
  run: async ({ apps, input }) => done(await read({ apps, input })),
}

const create: Command = {
  name: 'sales create',
  summary: 'Creates a sale; one that exists is not changed',
  arguments: [SALE],
  options: SETTINGS,
  examples: ['floodgate sales create winter --name "Winter sale" --rate 50 --max-active 500 --time-to-buy 300'],
  role: 'operator',
  async run({ apps, input }) {
    const { name, admitPerSecond, maxActive, admissionTtlSeconds, ...times } = settingsOf(input)
    if (
      name === undefined ||
      admitPerSecond === undefined ||
      maxActive === undefined ||
      admissionTtlSeconds === undefined
    )
      throw new UsageError('floodgate sales create needs --name, --rate, --max-active and --time-to-buy.')
    const body = { name, admitPerSecond, maxActive, admissionTtlSeconds, ...times, version: 0 }
    return done(await bodyOf(apps.rooms().putSale({ params: { sale: input.argument('sale') }, body })))
  },
}

const change: Command = {
  name: 'sales change',
  summary: 'Changes the named settings of a sale, and no other',
  description:
    'A change that somebody else makes meanwhile is not overwritten: the command is rejected, and can be repeated.',
  arguments: [SALE],
  options: SETTINGS,
  examples: ['floodgate sales change winter --rate 80', 'floodgate sales change winter --closes-at none'],
  role: 'operator',
  async run({ apps, input }) {
    const changes = settingsOf(input)
    if (Object.keys(changes).length === 0)
      throw new UsageError('Name a setting to change; see floodgate help sales change.')
    const { id, state: _, counts: __, fairness: ___, ...settings } = await read({ apps, input })
    return done(await bodyOf(apps.rooms().putSale({ params: { sale: id }, body: { ...settings, ...changes } })))
  },
}

const ACTS: Readonly<Record<SaleAct, { summary: string; asks?(sale: SaleResource): string }>> = {
  open: { summary: 'Opens a sale: waiting buyers are admitted from now on' },
  pause: { summary: 'Pauses a sale: buyers keep their places, none is admitted' },
  resume: { summary: 'Resumes a paused sale' },
  close: {
    summary: 'Closes a sale: joins and admissions end',
    asks: ({ id, counts }) =>
      `${id} will be closed. ${counts.waiting} waiting buyers will see that it is over; ${counts.active} admitted buyers may finish.`,
  },
  reopen: { summary: 'Reopens a sale that closed less than two days ago; it is paused then' },
}

function actCommand(act: SaleAct): Command {
  const { summary, asks } = ACTS[act]
  return {
    name: `sales ${act}`,
    summary: `${summary}. Safe to repeat`,
    arguments: [SALE],
    examples: [`floodgate sales ${act} demo`],
    role: 'operator',
    asks: asks !== undefined,
    async run({ apps, input, confirm }) {
      if (asks !== undefined && !(await confirm(asks(await read({ apps, input }))))) return unchanged()
      return done(await bodyOf(apps.rooms()[act]({ params: { sale: input.argument('sale') } })))
    },
  }
}

function read({ apps, input }: Pick<Context, 'apps' | 'input'>): Promise<SaleResource> {
  return bodyOf(apps.rooms().readSale({ params: { sale: input.argument('sale') } }))
}

const LOG_ENTRIES = 20

const line: Command = {
  name: 'line',
  summary: 'Shows the line of a sale: its counts, how fair it is, and the newest entries of its log',
  arguments: [SALE],
  options: {
    last: {
      type: 'number',
      value: 'N',
      min: 1,
      max: 1_000,
      description: `Entries of the log; ${LOG_ENTRIES} by default`,
    },
  },
  examples: ['floodgate line demo', 'floodgate line demo --last 100'],
  role: 'viewer',
  async run({ apps, input }) {
    const params = { sale: input.argument('sale') }
    const { id, state, counts, fairness } = await read({ apps, input })
    const query = { last: input.number('last') ?? LOG_ENTRIES }
    const { entries } = await bodyOf(apps.rooms().readLog({ params, query }))
    return {
      data: { sale: id, state, counts, fairness, entries },
      view: {
        kind: 'all',
        views: [
          {
            kind: 'facts',
            facts: [['sale', `${id} (${state})`], ...Object.entries(counts), ...Object.entries(fairness)],
          },
          {
            kind: 'table',
            columns: ['at', 'kind', 'place', 'count', 'slot', 'why'],
            rows: entries.map((entry) => [
              ...[entry.at, entry.kind, entry.place, entry.count, entry.slot],
              entry.act ?? entry.reason,
            ]),
            empty: 'The log is empty.',
          },
        ],
      },
    }
  },
}

export const saleCommands: readonly Command[] = [
  ...[list, show, create, change],
  ...(Object.keys(ACTS) as SaleAct[]).map(actCommand),
  line,
]
