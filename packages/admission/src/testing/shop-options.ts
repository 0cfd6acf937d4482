import { createMemorySlots } from '../gate/memory-slots.ts'
import type { GateOptions } from '../gate/options.ts'

type Plain = 'queueUrl' | 'failMode' | 'revocations' | 'maxSeconds' | 'origin' | 'trustProxy' | 'cookie'

/** The header in which a request names the options of its shop, where one program serves the shops of all tests. */
export const SHOP_OPTIONS_HEADER = 'x-shop-options'

/** Options of a gate as JSON, so that they reach a shop in another process or runtime. */
export interface ShopOptions extends Pick<GateOptions, Plain> {
  /** What the paths that need a pass begin with. Default: every path. */
  readonly protectedPath?: string
  readonly oncePerSlot?: boolean
  /** The ID token of every buyer; `throws`: reading it fails. */
  readonly identity?: string
  /** Tells shops with the same options apart. */
  readonly number?: number
}

/** Makes the options of the gate. */
export function gateOptionsOf(options: ShopOptions): GateOptions {
  const { protectedPath, oncePerSlot, identity, number: _, ...plain } = options
  return {
    sale: 'demo',
    ...plain,
    ...(protectedPath !== undefined && { protect: ({ path }: { path: string }) => path.startsWith(protectedPath) }),
    ...(oncePerSlot === true && { oncePerSlot: createMemorySlots() }),
    ...(identity !== undefined && { identity: () => readIdentity(identity) }),
  }
}

const readIdentity = (identity: string): string => {
  if (identity === 'throws') throw new Error('no session')
  return identity
}
