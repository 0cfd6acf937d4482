import type { TestSystem } from '../client/test-system.ts'

/** A part that breaks, and the one alert that this fires. */
export interface AlertFault {
  readonly what: string
  readonly alert: string
  /** Breaks it, waits until the alert fires, and mends it. */
  during(testSystem: TestSystem, untilFiring: () => Promise<void>): Promise<void>
}
