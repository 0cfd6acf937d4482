import { type Repeated, repeat } from '@floodgate/async'
import { type MoneyCheck, moneyProblem } from '@floodgate/contracts'
import type { Logger } from '@floodgate/runtime'
import { Gauge, type Registry } from 'prom-client'

const SECOND_MS = 1_000
/** A start or an upgrade of the whole system comes first. */
const FIRST_SECONDS_MAX = 60

export interface MoneyWatch {
  /** Checks now, for a caller, and exports the result. */
  check(): Promise<MoneyCheck>
  /** Begins to check by itself. */
  start(): void
  stop(): Promise<void>
}

/**
 * Checks the money every `everySeconds`, give or take a fifth, and exports the result of the newest check of this
 * process: `floodgate_money_check_findings` and `floodgate_money_check_timestamp_seconds`, neither before the first. A
 * failed check exports nothing: the timestamp shows its age. 0: checks only for callers.
 */
export function watchMoney(options: {
  check(): Promise<MoneyCheck>
  readonly everySeconds: number
  readonly log: Pick<Logger, 'warn' | 'error'>
  readonly metrics: Registry
  readonly signal: AbortSignal
}): MoneyWatch {
  const { everySeconds, log, signal } = options
  const registers = [options.metrics]
  const findings = new Gauge({
    name: 'floodgate_money_check_findings',
    help: 'Differences between charges, refunds and orders in the newest money check, by problem; should be 0',
    labelNames: ['problem'],
    aggregator: 'max',
    registers,
  })
  const checkedAt = new Gauge({
    name: 'floodgate_money_check_timestamp_seconds',
    help: 'Time of the newest money check, in seconds since 1970',
    aggregator: 'max',
    registers,
  })
  checkedAt.remove()
  new Gauge({
    name: 'floodgate_money_check_interval_seconds',
    help: 'How often the money is checked; 0: only on request',
    aggregator: 'max',
    registers,
  }).set(everySeconds)
  let rounds: Repeated | undefined

  async function check(): Promise<MoneyCheck> {
    const result = await options.check()
    for (const problem of moneyProblem.options)
      findings.set({ problem }, result.findings.filter((each) => each.problem === problem).length)
    checkedAt.set(Date.now() / SECOND_MS)
    return result
  }

  async function round(): Promise<void> {
    const { ok, findings: found } = await check()
    if (!ok) log.error({ findings: found.length, first: found[0] }, 'money differs')
  }

  return {
    check,
    start() {
      if (everySeconds === 0) return
      rounds = repeat({
        everyMs: () => everySeconds * SECOND_MS * (0.8 + 0.4 * Math.random()),
        startAfterMs: Math.min(everySeconds, FIRST_SECONDS_MAX) * SECOND_MS,
        ...{ signal, work: round },
        onError: (error) => log.warn({ error }, 'money not checked; retrying'),
      })
    },
    async stop() {
      await rounds?.stop()
    },
  }
}
