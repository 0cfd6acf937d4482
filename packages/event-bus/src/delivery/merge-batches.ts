import { coalesce } from '@floodgate/async'
import type { FloodgateEvent } from '@floodgate/contracts'

type Handle = (batch: readonly FloodgateEvent[], context: { readonly signal: AbortSignal }) => Promise<void>

interface Waiting {
  readonly batch: readonly FloodgateEvent[]
  readonly signal: AbortSignal
  settle(handled: Promise<void>): void
}

/**
 * Merges batches of several partitions that arrive in one turn of the event loop into one call, for a handler whose
 * cost is in its statements. The order within each partition stays. When the call fails, the batches are handled
 * separately, one after the other, so that a partition never fails because of another one's events.
 */
export function mergeBatches(handle: Handle): Handle {
  async function handleAll(parts: readonly Waiting[]): Promise<void> {
    const [first] = parts
    if (first === undefined) return
    if (parts.length === 1) return first.settle(handle(first.batch, first))
    const signal = AbortSignal.any(parts.map((part) => part.signal))
    const events = parts.flatMap((part) => part.batch)
    const handled = await handle(events, { signal }).then(
      () => true,
      () => false, // Each batch reports its own failure below.
    )
    for (const part of parts) {
      const own = handled ? Promise.resolve() : handle(part.batch, part)
      part.settle(own)
      await own.catch(() => undefined)
    }
  }

  const add = coalesce<Waiting>((parts) => void handleAll(parts))
  return function handleTogether(batch, { signal }) {
    return new Promise((settle) => add({ batch, signal, settle }))
  }
}
