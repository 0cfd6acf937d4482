/** A broker that was not asked for so long leads none of this consumer's partitions any more. Longer than a mute one is waited for. */
const SILENT_MS = 60_000

interface Fetches {
  /** A fetch from a broker begins. Returns until when everything of all brokers is handled, as far as that is known. */
  begin(node: number, options: { readonly isAllHandled: boolean }): number
  /** It brought everything that the broker had, or a part whose rest shows as lag. */
  end(node: number): void
  /** Partitions came or went, or a batch was not handled: what was fetched proves nothing. */
  forget(): void
}

/** Follows one consumer's fetches, which go to each broker that leads one of its partitions, independently of each other. */
export function createFetches(now: () => number = () => performance.now()): Fetches {
  const nodes = new Map<number, { begunAtMs: number; fetchedAtMs: number; handledToMs: number }>()
  return {
    begin(node, { isAllHandled }) {
      const none = Number.NEGATIVE_INFINITY
      const known = nodes.get(node) ?? { begunAtMs: none, fetchedAtMs: none, handledToMs: none }
      if (isAllHandled) known.handledToMs = known.fetchedAtMs
      known.begunAtMs = now()
      nodes.set(node, known)
      for (const [other, { begunAtMs }] of nodes) if (now() - begunAtMs > SILENT_MS) nodes.delete(other)
      return Math.min(...[...nodes.values()].map(({ handledToMs }) => handledToMs))
    },
    end(node) {
      const known = nodes.get(node)
      if (known !== undefined) known.fetchedAtMs = now()
    },
    forget: () => nodes.clear(),
  }
}
