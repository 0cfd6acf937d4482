const SECOND = 1_000
const DEATHS_MAX = 5
const DEATHS_WINDOW_MS = 30 * SECOND
const DELAY_MS = 100
const DELAY_MS_MAX = 2 * SECOND

/** `EX_CONFIG`: the process says that its configuration is wrong. Starting it again can't mend that. */
const EXIT_CODE_CONFIGURATION = 78

export type RestartDecision =
  | { readonly kind: 'restart'; readonly inMs: number }
  | { readonly kind: 'give-up'; readonly reason: 'configuration' | 'too-many-deaths' }

/** What to do about a process that died by itself. `deathTimes` are its unexpected deaths, this one included. Pure. */
export function decideRestart(options: {
  readonly exitCode: number | null
  readonly deathTimes: readonly number[]
  readonly now: number
}): RestartDecision {
  if (options.exitCode === EXIT_CODE_CONFIGURATION) return { kind: 'give-up', reason: 'configuration' }
  const recent = options.deathTimes.filter((at) => options.now - at < DEATHS_WINDOW_MS).length
  if (recent >= DEATHS_MAX) return { kind: 'give-up', reason: 'too-many-deaths' }
  return { kind: 'restart', inMs: Math.min(DELAY_MS_MAX, DELAY_MS * 2 ** Math.max(0, recent - 1)) }
}
