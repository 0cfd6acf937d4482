import type { HostAndPort } from '@floodgate/runtime'

/** Finds the servers that currently accept writes, and follows them through failovers. */
export interface Masters {
  /**
   * Asks now which server is the master for a key; within about a second. Rejects while no master is known. Never
   * resolves from memory: a process that was stopped must not return to a master that was replaced meanwhile.
   */
  find(key: string): Promise<HostAndPort>
  /** Returns the newest known master for a key, without asking. */
  known(key: string): HostAndPort | undefined
  /** Returns the newest known master of a slot of a Redis Cluster. */
  ofSlot(slot: number): HostAndPort | undefined
  /** Returns all known masters: of a Redis Cluster several. */
  all(): readonly HostAndPort[]
  /** Tells whether every key has a known master. */
  isComplete(): boolean
  /** Asks soon, because a server refused a call. */
  refresh(): void
  /** Registers a listener for changes of `known`; returns the function that removes it. */
  onChange(listener: () => void): () => void
  close(): void
}

export function isSameAddress(a: HostAndPort | undefined, b: HostAndPort | undefined): boolean {
  return a?.host === b?.host && a?.port === b?.port
}

/** A server that nothing replaces: the address of `redis://`. */
export function fixedMaster(address: HostAndPort): Masters {
  return {
    find: () => Promise.resolve(address),
    known: () => address,
    ofSlot: () => address,
    all: () => [address],
    isComplete: () => true,
    refresh: () => undefined,
    onChange: () => () => undefined,
    close: () => undefined,
  }
}
