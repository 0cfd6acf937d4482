/** The behaviour of a simulator for a share of the calls, optionally delayed, optionally for a limited time. */
interface Behaviour<Mode extends string, Detail> {
  readonly mode: Mode
  readonly percent: number
  readonly delayMs: number
  /** Parameters of the mode. */
  readonly detail?: Detail | undefined
  readonly forSeconds?: number | null | undefined
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

/** Holds the current behaviour; after `forSeconds` it returns to `ok` by itself. */
export function createBehaviourSwitch<Mode extends string, Detail = never>(options: {
  ok: Mode
  nowMs(): number
  random(): number
}): BehaviourSwitch<Mode, Detail> {
  const normal: Behaviour<Mode, Detail> = { mode: options.ok, percent: 100, delayMs: 0 }
  let behaviour = normal
  let inForce = new AbortController()
  let endsAtMs = Number.POSITIVE_INFINITY
  const current = () => {
    if (options.nowMs() >= endsAtMs) {
      behaviour = normal
      endsAtMs = Number.POSITIVE_INFINITY
    }
    return behaviour
  }
  return {
    current,
    set: (next) => {
      behaviour = next
      endsAtMs = next.forSeconds == null ? Number.POSITIVE_INFINITY : options.nowMs() + next.forSeconds * 1_000
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
