interface Running {
  readonly controller: AbortController
}

/** Keeps exactly the wanted jobs running: starts what is new, aborts what is no longer wanted, leaves the rest alone. */
export const createJobRunner = <Job extends { readonly key: string }>(
  work: (job: Job, signal: AbortSignal) => Promise<void>,
) => {
  const running = new Map<string, Running>()
  return (wanted: readonly Job[]): void => {
    const keys = new Set(wanted.map((job) => job.key))
    for (const [key, { controller }] of running) {
      if (keys.has(key)) continue
      running.delete(key)
      controller.abort()
    }
    for (const job of wanted) {
      if (running.has(job.key)) continue
      const controller = new AbortController()
      // A job that ended stays noted: it starts again only after it was not wanted for a moment.
      running.set(job.key, { controller })
      void work(job, controller.signal)
    }
  }
}
