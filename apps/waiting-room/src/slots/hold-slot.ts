import { defineLineScript, type LineRedis } from '../redis/line-redis.ts'
import type { NotThere } from '../redis/replies.ts'

const holdScript = defineLineScript(new URL('./hold-slot.lua', import.meta.url))

export interface HoldRequest {
  readonly slot: string
  readonly order: string
  readonly orderCreatedMs: number
  /** The end of the order's hold; undefined when the order was declined or abandoned. */
  readonly deadlineMs: number | undefined
}

export type HoldOutcome = NotThere | { readonly kind: 'moved' | 'kept' }

/** Moves a slot's deadline with its order, if the slot is still active: see hold-slot.lua. */
export async function holdSlot(line: LineRedis, sale: string, holding: HoldRequest): Promise<HoldOutcome> {
  const { slot, order, orderCreatedMs, deadlineMs } = holding
  const args = [line.runId(sale), slot, order, orderCreatedMs, deadlineMs ?? 0]
  return { kind: (await line.run(holdScript, sale, args)) as HoldOutcome['kind'] }
}
