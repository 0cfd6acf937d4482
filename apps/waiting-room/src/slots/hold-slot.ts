import { defineScript } from '@floodgate/redis'
import type { LineKeys } from '../redis/keys.ts'
import type { LineRedis } from '../redis/line-redis.ts'
import type { NotThere } from '../redis/replies.ts'

const holdKeys = ['sale', 'active', 'slots', 'unclaimed', 'held', 'log'] as const satisfies (keyof LineKeys)[]
const holdScript = defineScript({
  name: 'hold-slot',
  file: new URL('./hold-slot.lua', import.meta.url),
  numberOfKeys: holdKeys.length,
})

export interface Holding {
  readonly slot: string
  readonly order: string
  readonly orderCreatedMs: number
  /** The end of the order's hold; undefined when the order was declined or abandoned. */
  readonly deadlineMs: number | undefined
}

export type Held = NotThere | { readonly kind: 'moved' | 'kept' }

/** Moves a slot's deadline with its order, if the slot is still active: see hold-slot.lua. */
export async function holdSlot(line: LineRedis, sale: string, holding: Holding): Promise<Held> {
  const { slot, order, orderCreatedMs, deadlineMs } = holding
  const args = [line.runId(), slot, order, orderCreatedMs, deadlineMs ?? 0]
  return { kind: (await line.run(holdScript, sale, { keys: holdKeys, args })) as Held['kind'] }
}
