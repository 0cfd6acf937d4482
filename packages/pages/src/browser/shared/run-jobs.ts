import { pauseMs } from './backoff.ts'

interface Running {
  readonly controller: AbortController
}

/**
 * Keeps exactly the wanted jobs running: starts new ones, aborts those no longer wanted, leaves the rest alone. Reports
 * a job that throws, and restarts it after a pause as long as it is wanted.
 */
export function createJobRunner<Job extends { readonly key: string }>(
  work: (job: Job, signal: AbortSignal) => Promise<void>,
  onThrown: (error: unknown) => void,
) {
  const running = new Map<string, Running>()

  const start = (job: Job, controller: AbortController, failures: number): void => {
    const { signal } = controller
    const thrown = (error: unknown) => {
      if (signal.aborted) return
      onThrown(error)
      setTimeout(
        () => {
          if (!signal.aborted) start(job, controller, failures + 1)
        },
        pauseMs(failures + 1, Math.random()),
      )
    }
    try {
      work(job, signal).catch(thrown)
    } catch (error) {
      thrown(error)
    }
  }

  return function run(wanted: readonly Job[]): void {
    const keys = new Set(wanted.map((job) => job.key))
    for (const [key, { controller }] of running) {
      if (keys.has(key)) continue
      running.delete(key)
      controller.abort()
    }
    for (const job of wanted) {
      if (running.has(job.key)) continue
      const controller = new AbortController()
      // A job that ended stays recorded: it restarts only after it was not wanted for a moment.
      running.set(job.key, { controller })
      start(job, controller, 0)
    }
  }
}
