/**
 * Returns a function that runs `work` once at a time: callers during a run share its result, true when it succeeded.
 *
 * Cloudflare Workers may never settle a promise whose I/O belongs to another request, so there each caller runs its own.
 */
export function singleFlight(work: () => Promise<unknown>): () => Promise<boolean> {
  let running: Promise<boolean> | undefined
  return function run() {
    if (running !== undefined && !isWorkers()) return running
    const own = work().then(
      () => true,
      () => false,
    )
    running = own
    void own.then(() => {
      if (running === own) running = undefined
    })
    return own
  }
}

/** Tells whether this is Cloudflare Workers, where work that no request awaits may be dropped. */
export function isWorkers(): boolean {
  return globalThis.navigator?.userAgent === 'Cloudflare-Workers'
}
