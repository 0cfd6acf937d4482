import { randomBytes } from 'node:crypto'
import type { SaleState } from '@floodgate/contracts'
import { defineScript, runScript } from '@floodgate/redis'
import { type LineKeys, lineKeys } from '../line/keys.ts'
import type { LineRedis } from '../line/line-redis.ts'
import type { Ending, NotThere } from '../line/line-scripts.ts'

const file = (name: string) => new URL(`./${name}.lua`, import.meta.url)
const admitKeys = ['sale', 'line', 'seen', 'away', 'back', 'active', 'slots', 'inside', 'log', 'pace'] as const
const returnKeys = ['sale', 'active', 'slots', 'inside', 'ended', 'log'] as const satisfies (keyof LineKeys)[]
const admitScript = defineScript({ name: 'admit', file: file('admit'), numberOfKeys: admitKeys.length })
const returnScript = defineScript({ name: 'return-slot', file: file('return-slot'), numberOfKeys: returnKeys.length })
const holdScript = defineScript({ name: 'hold-slot', file: file('hold-slot'), numberOfKeys: 1 })

export interface Admitted {
  readonly slot: string
  readonly buyer: string
  readonly place: number
}

export type Tick =
  | NotThere
  | {
      readonly kind: 'ok'
      readonly nowMs: number
      readonly state: SaleState
      /** What the schedule did and nobody has written down yet. */
      readonly due: 'open' | 'close' | undefined
      /** Slots past their deadline, to be returned. */
      readonly overdue: number
      readonly setAside: number
      readonly admitted: readonly Admitted[]
    }

/** Runs the tick of one sale: see admit.lua. */
export const admit = async (line: LineRedis, sale: string, kid: string): Promise<Tick> => {
  // 96 random bits: a slot is the key of an order, so that its name must not come again, not even after a loss of Redis.
  const [kind, nowMs, state, due, overdue, setAside, ...rest] = (await line.run(admitScript, sale, {
    keys: admitKeys,
    args: [line.runId(), randomBytes(12).toString('hex'), kid],
  })) as [Tick['kind'], number, SaleState, '' | 'open' | 'close', number, number, ...string[]]
  if (kind !== 'ok') return { kind }
  const admitted: Admitted[] = []
  for (let at = 0; at + 2 < rest.length; at += 3)
    admitted.push({ slot: rest[at] ?? '', buyer: rest[at + 1] ?? '', place: Number(rest[at + 2]) })
  return { kind, nowMs, state, due: due === '' ? undefined : due, overdue, setAside, admitted }
}

/** Gives slots back, each once; returns those that came back by this call. Without `slots`: those past their deadline. */
export const returnSlots = async (
  line: LineRedis,
  sale: string,
  { slots = [], reason }: { slots?: readonly string[]; reason: Ending },
): Promise<readonly string[]> =>
  (await line.run(returnScript, sale, { keys: returnKeys, args: [reason, ...slots] })) as string[]

/** Lets a slot last at least until `deadlineMs`, if it is still active. */
export const holdSlot = async (
  line: LineRedis,
  sale: string,
  { slot, deadlineMs }: { slot: string; deadlineMs: number },
): Promise<void> => {
  await runScript(line.redis, holdScript, { keys: [lineKeys(sale).active], args: [slot, deadlineMs] })
}
