import { repeat } from '@floodgate/async'

export interface PublishHealth {
  /** Runs a call that publishes, and takes its outcome for the health. */
  during(call: () => Promise<void>, signal?: AbortSignal): Promise<void>
  note(trouble: string): void
  clear(): void
  /** Returns what is wrong; undefined: events can be published, as far as known. */
  trouble(): string | undefined
}

const LOOK_MS = 1_000
/** Longer than a caller pauses before it tries again: while one does, its outcomes say more than a look. */
const QUIET_MS = 3_000

/**
 * Creates the health of publishing: the outcome of the last call. A failure is not kept by a process that publishes no
 * more, such as one whose lease went to another: after {@link QUIET_MS} without a call `look` decides, until it resolves
 * or a call succeeds. A call that its own signal ended says nothing, unless its time was over.
 */
export function createPublishHealth({
  look,
  signal: closing,
}: {
  /** Rejects while the cluster does not take events. */
  look(): Promise<void>
  readonly signal: AbortSignal
}): PublishHealth {
  let trouble: string | undefined = 'not connected yet'
  let underWay = 0
  let calls = 0
  let endedAtMs: number | undefined

  async function lookAgain(): Promise<void> {
    if (trouble === undefined || underWay > 0 || endedAtMs === undefined) return
    if (performance.now() - endedAtMs < QUIET_MS) return
    const before = calls
    const found = await look().then(
      () => undefined,
      (error: unknown) => String(error),
    )
    if (calls === before && !closing.aborted) trouble = found
  }

  repeat({ everyMs: LOOK_MS, signal: closing, work: lookAgain, onError: () => undefined })

  return {
    async during(call, signal) {
      underWay += 1
      calls += 1
      try {
        await call()
        trouble = undefined
      } catch (error) {
        if (!isGivenUp(signal)) trouble = String(error)
        throw error
      } finally {
        underWay -= 1
        endedAtMs = performance.now()
      }
    },
    note(noted) {
      trouble = noted
    },
    clear() {
      trouble = undefined
    },
    trouble: () => trouble,
  }
}

/** Tells whether the caller ended its call for a reason of its own. */
function isGivenUp(signal: AbortSignal | undefined): boolean {
  if (signal?.aborted !== true) return false
  const { reason } = signal
  return !(reason instanceof Error && reason.name === 'TimeoutError')
}
