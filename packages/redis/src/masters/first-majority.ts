/**
 * Resolves to the replies as soon as more than half of the calls have replied, or all have settled; empty when all
 * failed. A slow or dead minority costs no time.
 */
export async function firstMajority<Reply>(calls: readonly Promise<Reply>[]): Promise<readonly Reply[]> {
  const replies: Reply[] = []
  const decided = Promise.withResolvers<void>()
  const settled = calls.map(async (call) => {
    try {
      replies.push(await call)
      if (replies.length * 2 > calls.length) decided.resolve()
    } catch {
      // A server that cannot be reached has no say.
    }
  })
  await Promise.race([decided.promise, Promise.all(settled)])
  return [...replies]
}
