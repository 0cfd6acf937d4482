const SECOND = 1_000

/**
 * The behaviour of a simulator for a share of the calls, optionally delayed, optionally for a limited time, or for the
 * first `forSeconds` of each `everySeconds`.
 */
interface Behaviour<Mode extends string, Detail> {
  readonly mode: Mode
  readonly percent: number
  readonly delayMs: number
  /** Parameters of the mode. */
  readonly detail?: Detail | undefined
  readonly forSeconds?: number | null | undefined
  /** The first period begins with the behaviour. */
  readonly everySeconds?: number | null | undefined
}

export interface BehaviourSwitch<Mode extends string, Detail = never> {
  /** Returns the current behaviour. */
  current(): Behaviour<Mode, Detail>
  set(behaviour: Behaviour<Mode, Detail>): void
  /** Returns a signal that aborts when the behaviour changes. */
  changed(): AbortSignal
  /** Draws the behaviour of the next call: the mode for `percent` of the calls, `ok` without delay for the others. */
  draw(): { readonly mode: Mode; readonly delayMs: number; readonly detail?: Detail | undefined }
}

/** Holds the current behaviour; after `forSeconds` it returns to `ok` by itself, until the next period where it has one. */
export function createBehaviourSwitch<Mode extends string, Detail = never>(options: {
  ok: Mode
  nowMs(): number
  random(): number
}): BehaviourSwitch<Mode, Detail> {
  const normal: Behaviour<Mode, Detail> = { mode: options.ok, percent: 100, delayMs: 0 }
  let behaviour = normal
  let inForce = new AbortController()
  let beganAtMs = 0
  const current = () => {
    const { forSeconds, everySeconds } = behaviour
    if (forSeconds == null) return behaviour
    const ageMs = options.nowMs() - beganAtMs
    const intoPeriodMs = everySeconds == null ? ageMs : ageMs % (everySeconds * SECOND)
    return intoPeriodMs < forSeconds * SECOND ? behaviour : normal
  }
  return {
    current,
    set: (next) => {
      behaviour = next
      beganAtMs = options.nowMs()
      const replaced = inForce
      inForce = new AbortController()
      replaced.abort()
    },
    changed: () => inForce.signal,
    draw: () => {
      const { mode, percent, delayMs, detail } = current()
      if (options.random() * 100 >= percent) return { mode: options.ok, delayMs: 0 }
      return { mode, delayMs, detail }
    },
  }
}
