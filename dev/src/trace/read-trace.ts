import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface TracedStep {
  readonly at: string
  readonly app: string
  readonly step: string
  readonly detail: string
}

type Entry = Readonly<Record<string, unknown>>

/** Reads one order's steps through all apps, in the order of time, from the log files of a data directory. */
export async function readTrace(dataDir: string, order: string): Promise<readonly TracedStep[]> {
  const directory = join(dataDir, 'logs')
  const files = (await readdir(directory)).filter((name) => name.endsWith('.jsonl'))
  const entries = (await Promise.all(files.map((name) => readSteps(join(directory, name))))).flat()
  return traceOf(entries, order)
}

/**
 * Selects an order's steps: those that name it, and, through the line of its acceptance, those that name its slot and
 * its buyer. Pure.
 */
export function traceOf(entries: readonly Entry[], order: string): readonly TracedStep[] {
  const accepted = entries.flatMap(acceptancesIn).find((each) => each.order === order)
  const names = new Set([order, accepted?.slot, accepted?.buyer].filter((name) => typeof name === 'string'))
  return entries
    .filter((entry) => belongsTo(entry, { names, sale: accepted?.sale, order }))
    .map((entry) => ({
      at: String(entry.time),
      app: String(entry.app),
      step: String(entry.step),
      detail: detailOf(entry, { names, order }),
    }))
    .sort((one, other) => one.at.localeCompare(other.at))
}

/** One line lists all orders that were accepted together. */
const acceptancesIn = ({ step, orders }: Entry): readonly Entry[] =>
  step === 'order.accepted' && Array.isArray(orders) ? orders : []

/** Lists also name a buyer and a slot; steps of another order of the same buyer are excluded. */
function belongsTo(
  entry: Entry,
  { names, sale, order }: { readonly names: ReadonlySet<string>; readonly sale: unknown; readonly order: string },
): boolean {
  if (sale !== undefined && entry.sale !== undefined && entry.sale !== sale) return false
  return mentions(entry, { names, order })
}

/** A line that names another order belongs to that order, whatever else it names. */
function mentions(value: unknown, asked: { readonly names: ReadonlySet<string>; readonly order: string }): boolean {
  if (typeof value === 'string') return asked.names.has(value)
  if (Array.isArray(value)) return value.some((each) => mentions(each, asked))
  if (typeof value !== 'object' || value === null) return false
  if ('order' in value && typeof value.order === 'string' && value.order !== asked.order) return false
  return Object.entries(value).some(([key, each]) => key !== 'sale' && mentions(each, asked))
}

const unshown = new Set(['level', 'time', 'app', 'pid', 'message', 'step', 'order', 'traceparent'])

function detailOf(entry: Entry, asked: Parameters<typeof mentions>[1]): string {
  return Object.entries(entry)
    .flatMap(([key, value]) => {
      if (unshown.has(key) || value === null) return []
      if (Array.isArray(value)) return value.filter((each) => mentions(each, asked)).map((each) => wordsOf(key, each))
      return [wordsOf(key, value)]
    })
    .filter((words) => words !== '')
    .join(' ')
}

function wordsOf(key: string, value: unknown): string {
  if (typeof value !== 'object' || value === null) return `${key}=${shown(value)}`
  return Object.entries(value)
    .filter(([inner]) => inner !== 'order')
    .map(([inner, each]) => `${inner}=${shown(each)}`)
    .join(' ')
}

/** Durations are measured to the nanosecond; a tenth of a millisecond is enough for people. */
const shown = (value: unknown): string =>
  typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(1) : String(value)

async function readSteps(path: string): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (!line.includes('"step"')) continue
    try {
      const entry: unknown = JSON.parse(line)
      if (typeof entry === 'object' && entry !== null && 'step' in entry) entries.push(entry as Entry)
    } catch {
      // The last line of a process that was killed while writing it.
    }
  }
  return entries
}
