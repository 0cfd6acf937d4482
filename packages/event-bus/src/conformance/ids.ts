import type { EncodedEvent } from '@floodgate/contracts'

export function idOf(event: EncodedEvent | { readonly id: string }): string {
  return 'id' in event ? event.id : (event.headers.ce_id ?? '')
}
/** Returns 1, 2, …, count. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}
/** Returns each version once, in the order of first appearance. */
export function firstsOf(versions: readonly number[]): number[] {
  return [...new Set(versions)]
}

/**
 * Returns the versions of a key's events in the order they were handled; a batch that was handled twice counts once.
 */
export function versionsOf(key: string, handled: readonly string[]): number[] {
  return firstsOf(handled.filter((id) => id.startsWith(`${key}#`)).map((id) => Number(id.slice(key.length + 1))))
}
