import type { DecisionKind, Reason } from './decide.ts'

/** One decision, for logs. It names no buyer. */
export interface GateEvent {
  readonly kind: DecisionKind | 'identity-failed'
  readonly reason?: Reason
  /** The exact finding of the verifier, for a developer. */
  readonly detail?: string
  readonly sale?: string
  readonly slot?: string
  readonly path: string
}

/** Number of such decisions since the gate was created. */
export interface GateMetric {
  readonly kind: GateEvent['kind']
  readonly reason?: Reason
  readonly count: number
}

/** Counts events and hands them on; a callback that throws changes no decision. */
export function createNotes(onEvent: ((event: GateEvent) => void) | undefined) {
  const counts = new Map<string, { metric: Omit<GateMetric, 'count'>; count: number }>()
  return {
    note(event: GateEvent): void {
      const { kind, reason } = event
      const key = `${kind} ${reason}`
      const counted = counts.get(key) ?? { metric: reason === undefined ? { kind } : { kind, reason }, count: 0 }
      counted.count += 1
      counts.set(key, counted)
      try {
        onEvent?.(event)
      } catch {
        // A failing log must not affect the request.
      }
    },
    metrics: (): readonly GateMetric[] => [...counts.values()].map(({ metric, count }) => ({ ...metric, count })),
  }
}
