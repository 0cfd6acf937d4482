import { table } from '../report/table.ts'
import { type Cost, type Costs, costNames, firstCosts } from './costs.ts'
import type { LineMemory } from './line-memory.ts'
import { memoryTable } from './memory-table.ts'
import { BUSY, type Needs, type SizedSale, sizeSale, type WayToWait, waysToWait } from './size-sale.ts'

/** The sizes that are always shown. */
export const sizes = [100_000, 1_000_000, 10_000_000] as const

export interface SizedSales {
  readonly sales: readonly SizedSale[]
  readonly costs: Costs
}

/** Returns a sale that everybody joins within a minute, and that admits the last one after half an hour. Pure. */
export function usualSale(waiters: number): SizedSale {
  return {
    waiters,
    rate: Math.max(1, Math.round(waiters / 1_800)),
    arriveSeconds: 60,
    buyShare: 0.6,
    providerSeconds: 0.5,
    insideSeconds: 600,
  }
}

/** Rounds to the digits that a page shows, so that recomputing from the page gives the same page. Pure. */
export function shownCosts(costs: Costs): Costs {
  const shown = costNames.map((name): [string, Cost] => {
    const cost = costs[name]
    return [name, { ...cost, value: Number(cost.value.toPrecision(3)) }]
  })
  return Object.fromEntries(shown) as Costs
}

/** Formats the cost of each operation, and its source, as a table. Pure. */
export function costTable(costs: Costs): string {
  const rows = costNames.map((name) => {
    const { value, unit, what, source, kind } = costs[name]
    return [`\`${name}\``, what, `${value} ${unit}`, kind, source]
  })
  return table(['cost', 'of', 'takes', '', 'from'], rows)
}

/** Parses a {@link costTable} again. Pure; throws when a cost is missing. */
export function parseCostTable(text: string): Costs {
  const found = costNames.map((name): [string, Cost] => {
    const [, value, kind] = new RegExp(
      `^\\| \`${name}\` \\| .*? \\| ([\\d.]+) .*? \\| (measured|estimated) \\|`,
      'm',
    ).exec(text) ?? [undefined, undefined, undefined]
    if (value === undefined) throw new Error(`The table of costs lacks ${name}.`)
    return [name, { ...firstCosts[name], value: Number(value), kind: kind === 'measured' ? 'measured' : 'estimated' }]
  })
  return Object.fromEntries(found) as Costs
}

const wayNames: Readonly<Record<WayToWait, string>> = {
  socket: 'all by socket, as the page does',
  poll: 'all by polling',
  board: 'the board from a CDN, polling near the front',
}

type Row = readonly [string, (needs: Needs, sale: SizedSale) => string]

const rows: readonly Row[] = [
  ['**admitted per second**', (_, { rate }) => amount(rate)],
  ['the last one is admitted after', ({ drainMinutes }) => `${amount(drainMinutes)} min`],
  ['joins per second, while they arrive', ({ joinsPerSecond }) => amount(joinsPerSecond)],
  ['polls per second, if all poll', ({ pollsPerSecond }) => amount(pollsPerSecond)],
  ['of them at the head, looked up in Redis', ({ askedPollsPerSecond }) => amount(askedPollsPerSecond)],
  ...waysToWait.map(
    (way): Row => [`**waiting-room processes**, ${wayNames[way]}`, ({ roomProcesses }) => amount(roomProcesses[way])],
  ),
  ['memory of the sockets, if all have one', ({ socketGib }) => gib(socketGib)],
  ['CDN requests per second, one look every 2 s', ({ cdnRequestsPerSecond }) => amount(cdnRequestsPerSecond)],
  ['the board, before compression', ({ boardBytes }) => `${(boardBytes / 1024).toFixed(1)} KiB`],
  ['**Redis of the line**: maximum memory', ({ lineGib }) => gib(lineGib)],
  ['its log, for an hour without Postgres', ({ logGibPerHour }) => gib(logGibPerHour)],
  ['one Redis is busy, while they arrive', ({ lineRedisArriving }) => percent(lineRedisArriving)],
  ['one Redis is busy, while they wait', ({ lineRedisWaiting }) => percent(lineRedisWaiting)],
  ['lanes, to stay below 60 %', ({ lanes }) => amount(lanes)],
  ['**orders per second**', ({ ordersPerSecond }) => amount(ordersPerSecond)],
  ['order-core processes', ({ coreProcesses }) => amount(coreProcesses)],
  ['payment workers', ({ paymentProcesses }) => amount(paymentProcesses)],
  ['notifiers', ({ notifierProcesses }) => amount(notifierProcesses)],
  ['Redis of the stock is busy', ({ stockRedis }) => percent(stockRedis)],
  ['Postgres, cores', ({ postgresCores }) => postgresCores.toFixed(1)],
  ['orders in one commit', ({ ordersPerCommit }) => amount(ordersPerCommit)],
  ['events per second', ({ eventsPerSecond }) => amount(eventsPerSecond)],
  ['Kafka partitions of a topic', ({ partitions }) => amount(partitions)],
  ['**breaks first**', ({ owners }) => breaksFirst(owners)],
]

/** Formats the needs of these sales as a table, one column each. Pure. */
export function needsTable({ sales, costs }: SizedSales): string {
  const sized = sales.map((sale) => ({ sale, needs: sizeSale(costs, sale) }))
  return [
    `| waiters | ${sales.map(({ waiters }) => `**${amount(waiters)}**`).join(' | ')} |`,
    `|---|${sales.map(() => '--:|').join('')}`,
    ...rows.map(([name, cell]) => `| ${name} | ${sized.map(({ needs, sale }) => cell(needs, sale)).join(' | ')} |`),
  ].join('\n')
}

/** Returns the page with its tables between their marks. Pure; throws when marks are missing. */
export function withTables(
  page: string,
  { sales, costs, memory }: SizedSales & { readonly memory: LineMemory },
): string {
  const shown = shownCosts(costs)
  const costed = withSection(page, 'costs', costTable(shown))
  const told = withSection(costed, 'memory', memoryTable(memory))
  return withSection(told, 'needs', needsTable({ sales, costs: shown }))
}

const sectionOf = (name: string): RegExp => new RegExp(`(<!-- ${name} -->\n)([\\s\\S]*?)(\n<!-- /${name} -->)`)

/** Returns the text between the marks of a section. Pure; throws when there is none. */
export function readSection(page: string, name: string): string {
  const content = sectionOf(name).exec(page)?.[2]
  if (content === undefined) throw new Error(`The page has no marks for ${name}.`)
  return content
}

/** Returns the page with this text between the marks of a section. Pure; throws when there is none. */
export function withSection(page: string, name: string, content: string): string {
  readSection(page, name)
  return page.replace(sectionOf(name), (_, open: string, __, close: string) => `${open}${content}${close}`)
}

function breaksFirst([first]: Needs['owners']): string {
  if (first === undefined) return '–'
  const closest = `${first.what}, ${percent(first.used)}`
  return first.used <= BUSY ? `nothing; closest: ${closest}` : `${closest}: ${first.remedy}`
}

const amount = (value: number): string =>
  (value < 10 ? Number(value.toFixed(1)) : Math.round(value)).toLocaleString('en')

const gib = (value: number): string => (value < 1 ? `${Math.round(value * 1_024)} MiB` : `${amount(value)} GiB`)

const percent = (share: number): string => `${Math.round(share * 100).toLocaleString('en')} %`
