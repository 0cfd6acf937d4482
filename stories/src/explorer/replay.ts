import { setImmediate as turn } from 'node:timers/promises'

/** An effect outside the process, for which its code waits: a call to Redis, Postgres, or the provider. */
export type Effect =
  | { readonly kind: 'redis'; readonly command: string; readonly args: readonly (string | number)[] }
  | { readonly kind: 'statement'; readonly query: Query }
  /** From its connection to its release. */
  | { readonly kind: 'transaction' }
  | {
      readonly kind: 'provider'
      readonly call: 'charge' | 'lookUp' | 'close' | 'refund'
      readonly key: string
      /** Of a refund. */
      readonly amountMinor?: number
    }
  | { readonly kind: 'ask-order-core' }
  /** Whether the queue of the group commit has room. */
  | { readonly kind: 'queue' }

export interface Query {
  readonly name: string
  readonly text: string
  readonly values: readonly unknown[]
}

const FAILED = Symbol('failed')

/** The reply to an effect. Plain data: it is part of the state. */
export type Reply = { readonly value: unknown } | { readonly error: { readonly code: string } }

/** Performs an effect; resolves or rejects with its outcome. */
export type Perform = (effect: Effect) => Promise<unknown>

/** The product's own functions, as one piece of work that stops at every effect. */
export type Code = (perform: Perform) => Promise<unknown>

export type Next =
  | { readonly kind: 'waits'; readonly effect: Effect }
  | { readonly kind: 'ended'; readonly result: unknown }
  /** The effect failed with a lost connection, which the code passes on. */
  | { readonly kind: 'failed' }

/** The SQLSTATE of a connection that broke. */
export const LOST = '08006'

/**
 * Runs the product's own code up to the first effect without a reply. A process in the explorer consists only of its
 * replies so far: to continue, it is run again from its beginning. So a million of them are cheap, and a crash is a
 * deletion.
 *
 * `performLive`, if given, serves the first effect without a reply; the next one ends the run in any case.
 */
export async function replay(
  code: Code,
  replies: readonly Reply[],
  performLive?: (effect: Effect) => Promise<unknown>,
): Promise<Next> {
  let at = 0
  const waits = Promise.withResolvers<Next>()
  const perform: Perform = async (effect) => {
    const index = at
    at += 1
    const reply = replies[index]
    if (reply !== undefined) {
      if ('error' in reply) throw Object.assign(new Error('lost in the explorer'), reply.error)
      return reply.value
    }
    if (performLive !== undefined && index === replies.length) return await performLive(effect)
    waits.resolve({ kind: 'waits', effect })
    return await new Promise(() => undefined)
  }
  const ended = async (): Promise<Next> => {
    const result = await code(perform).catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== LOST) throw error
      return FAILED
    })
    if (result === FAILED) return { kind: 'failed' }
    // Work that nothing waits for is done in later turns of the event loop.
    for (let turns = 0; turns < 4; turns += 1) await turn()
    return { kind: 'ended', result }
  }
  return await Promise.race([waits.promise, ended()])
}
