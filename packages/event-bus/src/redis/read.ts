import type { Redis } from '@floodgate/redis'
import type { Received } from '../delivery/deliver.ts'

/** An entry of a partition's stream. */
export interface Entry extends Received {
  readonly id: string
}

export interface ReadOptions {
  /** Stream → the id after which to read. */
  readonly positions: ReadonlyMap<string, string>
  /** Maximum entries per stream. */
  readonly countMax: number
  readonly blockMs: number
}

/** Redis itself replies after `blockMs`; a connection that is silent this much longer is dead. */
const MUTE_MS_MAX = 3_000

/** Waits until one of the streams has entries, at most `blockMs`, and returns them. Changes nothing in Redis. */
export async function readStreams(redis: Redis, options: ReadOptions): Promise<Map<string, Entry[]>> {
  const streams = [...options.positions.keys(), ...options.positions.values()]
  const reply = await orHangUp(redis, options.blockMs, () =>
    redis.xread('COUNT', options.countMax, 'BLOCK', options.blockMs, 'STREAMS', ...streams),
  )
  return new Map((reply ?? []).map(([stream, entries]) => [stream, entries.map(([id, fields]) => entry(id, fields))]))
}

/** Returns the server's number of a connection, by which a blocked one can be woken. */
export function connectionNumber(redis: Redis): Promise<number> {
  return orHangUp(redis, 0, () => redis.client('ID'))
}

async function orHangUp<Reply>(redis: Redis, respondsWithinMs: number, ask: () => Promise<Reply>): Promise<Reply> {
  const hangUp = setTimeout(() => redis.disconnect(true), respondsWithinMs + MUTE_MS_MAX)
  try {
    return await ask()
  } finally {
    clearTimeout(hangUp)
  }
}

/**
 * Parses an entry of publish.lua. A foreign entry under our key is passed on without headers, and set aside as poison.
 */
export function entry(id: string, fields: readonly string[]): Entry {
  const field = (name: string): string | undefined => {
    const at = fields.findIndex((each, index) => index % 2 === 0 && each === name)
    return at === -1 ? undefined : fields[at + 1]
  }
  return { id, key: field('key') ?? '', headers: parseHeaders(field('headers')), value: field('value') ?? '' }
}

function parseHeaders(json: string | undefined): Record<string, string> {
  try {
    const parsed: unknown = JSON.parse(json ?? '{}')
    if (typeof parsed !== 'object' || parsed === null) return {}
    return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, String(value)]))
  } catch {
    return {}
  }
}
