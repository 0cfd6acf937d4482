import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { median } from '../machine/median.ts'
import { type Cost, type CostName, type Costs, costNames, firstCosts } from './costs.ts'

const some = <Schema extends z.ZodType>(schema: Schema) => z.array(schema).min(1)
const load = z.object({ cpuMicrosecondsPerRequest: z.number() })
const scriptTime = z.object({ p50: z.number() })

/** The parts of each bench's details that sizing reads, and their costs. */
const readers = {
  line: reader(
    z.object({
      rounds: z.object({ status: some(load), board: some(load) }),
      together: z.object({ measured: some(load) }),
    }),
    ({ rounds, together }) => ({
      pollCpu: cpuOf(rounds.status),
      boardCpu: cpuOf(rounds.board),
      joinCpu: cpuOf(together.measured),
    }),
  ),
  'long-lines': reader(
    z.object({
      scripts: some(z.object({ snapshot: scriptTime.optional() })),
    }),
    ({ scripts }) => ({ snapshotRedis: scripts.at(-1)?.snapshot?.p50 }),
  ),
  sockets: reader(
    z.object({ kibEach: z.number(), cpuAdmitting: z.number(), sockets: z.number() }),
    ({ kibEach, cpuAdmitting, sockets }) => ({ socketMemory: kibEach, socketCpu: (cpuAdmitting * 10_000) / sockets }),
  ),
  confirm: reader(
    z.object({ cpuMs: z.record(z.string(), z.number()), confirmations: z.object({ orders: z.number().min(1) }) }),
    ({ cpuMs, confirmations }) => {
      const each = (name: string): number | undefined => {
        const ms = cpuMs[name]
        return ms === undefined ? undefined : (ms * 1_000) / confirmations.orders
      }
      return {
        orderCpu: each('order-core'),
        orderRedis: each('redis'),
        orderPostgres: each('postgres'),
        paymentCpu: each('payment-worker'),
        noticeCpu: each('notifier'),
        admissionCpu: each('waiting-room'),
      }
    },
  ),
} as const

const written = z.object({
  conditions: z.object({ at: z.string() }),
  faults: z.array(z.string()),
  details: z.unknown(),
})

/**
 * Reads the costs from the results in a directory; uses the first estimates where a result is missing or does not
 * count.
 */
export async function readCosts(directory: string): Promise<Costs> {
  const measured: Partial<Record<CostName, Cost>> = {}
  for (const [bench, read] of Object.entries(readers)) {
    const text = await readFile(join(directory, `${bench}.json`), 'utf8').catch(() => undefined)
    if (text === undefined) continue
    const result = written.safeParse(JSON.parse(text))
    if (result.success && result.data.faults.length === 0)
      Object.assign(
        measured,
        measuredCosts(bench, { read, details: result.data.details, at: result.data.conditions.at }),
      )
  }
  return { ...firstCosts, ...measured }
}

type Found = Partial<Record<CostName, number | undefined>>
type Read = (details: unknown) => Found

function measuredCosts(
  bench: string,
  { read, details, at }: { readonly read: Read; readonly details: unknown; readonly at: string },
): Partial<Record<CostName, Cost>> {
  const found = read(details)
  return Object.fromEntries(
    costNames.flatMap((name) => {
      const value = found[name]
      if (value === undefined || !(value > 0)) return []
      return [
        [name, { ...firstCosts[name], value, source: `\`${bench}\`, ${at.slice(0, 10)}`, kind: 'measured' as const }],
      ]
    }),
  )
}

/** Ignores details in another shape, since that bench has changed; the first estimate is used. */
function reader<Schema extends z.ZodType>(schema: Schema, pick: (details: z.infer<Schema>) => Found): Read {
  return function read(details) {
    const parsed = schema.safeParse(details)
    return parsed.success ? pick(parsed.data) : {}
  }
}

const cpuOf = (loads: readonly z.infer<typeof load>[]): number =>
  median(loads.map(({ cpuMicrosecondsPerRequest }) => cpuMicrosecondsPerRequest))
