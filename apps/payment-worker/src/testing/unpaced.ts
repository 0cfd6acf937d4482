import type { Pace } from '../gateway/pace/pace.ts'

/** The pace of a provider without a limit. */
export const UNPACED: Pace = {
  take: async (_, signal) => signal.throwIfAborted(),
  holdOff: () => undefined,
  drain: () => undefined,
}
