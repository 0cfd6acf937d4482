/** In this time a group of servers tells all its members of a failover. */
const REMEMBERED_MS = 10_000

/** What several servers replied, and why others did not. */
export interface Votes<Reply> {
  readonly replies: readonly Reply[]
  readonly failures: readonly unknown[]
}

/** Asks a group of servers, by name, and resolves to what is known of them. */
export type AskMajority<Reply> = (calls: ReadonlyMap<string, Promise<Reply>>) => Promise<Votes<Reply>>

/**
 * Resolves as soon as more than half of the calls have replied, or all have settled: a slow or dead minority costs no
 * time. The replies also contain the last one of each server that is late, if it is less than ten seconds old: so a
 * failover that one server reported is not forgotten while only the others, who have not heard of it, reply in time.
 * No replies when all calls failed.
 */
export function createMajority<Reply>(): AskMajority<Reply> {
  let remembered = new Map<string, { readonly reply: Reply; readonly atMs: number }>()

  return async function askMajority(calls) {
    let replied = 0
    const failures: unknown[] = []
    const decided = Promise.withResolvers<void>()
    const settled = [...calls].map(async ([name, call]) => {
      try {
        remembered.set(name, { reply: await call, atMs: performance.now() })
        replied += 1
        if (replied * 2 > calls.size) decided.resolve()
      } catch (error) {
        // A server that cannot be reached has no say.
        failures.push(error)
      }
    })
    await Promise.race([decided.promise, Promise.all(settled)])
    const fromMs = performance.now() - REMEMBERED_MS
    remembered = new Map([...remembered].filter(([name, { atMs }]) => calls.has(name) && atMs > fromMs))
    const replies = replied === 0 ? [] : [...remembered.values()].map(({ reply }) => reply)
    return { replies, failures: [...failures] }
  }
}
