/**
 * A broker without a fetch for this long leads none of this consumer's partitions any more. Longer than the wait for an
 * unresponsive broker.
 */
const SILENT_MS = 60_000

interface Fetches {
  /**
   * Records the start of a fetch from a broker. Returns the time up to which everything of all brokers is handled, as
   * far as known.
   */
  begin(node: number, options: { readonly isAllHandled: boolean }): number
  /** Records its end: it returned everything that the broker had, or a part whose rest shows as lag. */
  end(node: number): void
  /** Forgets all fetches: partitions changed, or a batch was not handled, so they prove nothing. */
  forget(): void
}

/** Tracks one consumer's fetches, which go to each leading broker independently. */
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
