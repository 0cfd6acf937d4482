/** Tracks which run of which server serves a key. */
export interface RunIdGuard {
  /**
   * Returns the id of the run of the server that holds a key; `undefined` while it is down, unknown or not confirmed
   * lately: then no call that relies on it may be sent.
   */
  current(key: string): string | undefined
  /** Resolves to the id as soon as it is known, of a Cluster once all are. Throws the signal's reason. */
  known(signal: AbortSignal, key?: string): Promise<string>
  /** Tells whether any server is connected and confirmed. */
  isAnyKnown(): boolean
  /**
   * Registers a listener for a change of the run: the server was restarted or replaced, and its newest writes may be
   * lost. Of a Cluster also where slots got another master.
   */
  onRestart(listener: RestartListener): void
}

/** Which keys got another run. */
export interface Restart {
  /** Returns the runs of a key's server, now and before; undefined for a key that is not concerned. */
  of(key: string): { readonly runId: string; readonly previous: string } | undefined
}

export type RestartListener = (restart: Restart) => void
