/** What some of several servers replied, and why others did not. */
export interface Votes<Reply> {
  readonly replies: readonly Reply[]
  readonly failures: readonly unknown[]
}

/**
 * Resolves as soon as more than half of the calls have replied, or all have settled. A slow or dead minority costs no
 * time.
 */
export async function firstMajority<Reply>(calls: readonly Promise<Reply>[]): Promise<Votes<Reply>> {
  const replies: Reply[] = []
  const failures: unknown[] = []
  const decided = Promise.withResolvers<void>()
  const settled = calls.map(async (call) => {
    try {
      replies.push(await call)
      if (replies.length * 2 > calls.length) decided.resolve()
    } catch (error) {
      // A server that cannot be reached has no say.
      failures.push(error)
    }
  })
  await Promise.race([decided.promise, Promise.all(settled)])
  return { replies: [...replies], failures: [...failures] }
}
