import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rulesText } from '@floodgate/dev/observability'
import { type AppName, appNames, type System } from '@floodgate/dev/system'
import { type PrometheusServer, startPrometheus } from '@floodgate/local-servers'
import { freePort } from '@floodgate/processes'
import { eventually } from '@floodgate/testkit'
import { stringify } from 'yaml'
import { z } from 'zod'
import { shortenRules } from './expressions.ts'

const STEP_SECONDS = 1
const ALERT_MS_MAX = 60_000

/**
 * These tell how fast the machine is, and may be right about it: also how soon the progress of a moved partition is known.
 * They are judged only while a fault is to fire them.
 */
const ABOUT_SPEED = [
  ...['FloodgateRateError', 'FloodgateLineStalled', 'FloodgateConfirmationSlow', 'FloodgateTicksSlow'],
  ...['FloodgateSaturated', 'FloodgateSheddingLoad', 'FloodgateConsumerBehind'],
]

const FIRING = 'ALERTS{alertstate="firing"}'

const response = z.object({
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), values: z.array(z.unknown()).optional() })),
  }),
})

/** A Prometheus that scrapes a system each second and evaluates its alerts, faster than in reality. */
export interface Watcher {
  readonly server: PrometheusServer
  /** Returns how many series a query had at any time since the start. */
  countSeries(query: string): Promise<number>
  /** Returns the names of the alerts that have fired since a time, without those about the speed of the machine. */
  firedSince(sinceMs: number, expected?: readonly string[]): Promise<readonly string[]>
  untilFiring(alert: string): Promise<void>
  untilNoneFires(): Promise<void>
}

export async function startWatcher(system: System, directory: string): Promise<Watcher> {
  const port = await freePort()
  const configuration = stringify({
    // A scrape takes up to a second while a part does not respond.
    global: { scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '500ms' },
    rule_files: ['floodgate.yml'],
    scrape_configs: appNames.map((app) => jobOf(system, app)),
  })
  await writeFile(join(directory, 'floodgate.yml'), shortenRules(rulesText()))
  const startedMs = Date.now()
  const server = await startPrometheus({ directory, configuration, port })

  async function seriesOf(query: string, sinceMs: number): Promise<readonly Readonly<Record<string, string>>[]> {
    const url = new URL('/api/v1/query_range', server.url)
    url.search = new URLSearchParams({
      query,
      start: String(sinceMs / 1_000),
      end: String(Date.now() / 1_000),
      step: String(STEP_SECONDS),
    }).toString()
    const answered = await fetch(url)
    const text = await answered.text()
    if (!answered.ok) throw new Error(`${query}: ${text}`)
    return response.parse(JSON.parse(text)).data.result.map(({ metric }) => metric)
  }
  async function namesOf(firing: string): Promise<readonly string[]> {
    const series = await seriesOf(`count by (alertname) (${firing})`, Date.now())
    return series.flatMap(({ alertname }) => alertname ?? []).sort()
  }
  function judged(names: readonly string[], expected: readonly string[] = []): readonly string[] {
    return names.filter((name) => expected.includes(name) || !ABOUT_SPEED.includes(name))
  }
  const targets = appNames.flatMap((app) => system.opsUrlsOf(app)).length
  const patience = { timeoutMs: ALERT_MS_MAX, intervalMs: 250 }
  await eventually(async () => {
    const up = await seriesOf('up == 1', Date.now())
    if (up.length < targets) throw new Error(`${up.length} of ${targets} processes respond`)
  }, patience)
  return {
    server,
    countSeries: async (query) => (await seriesOf(query, startedMs)).length,
    // Looks at every evaluation: an alert may have fired in one of them only.
    firedSince: async (sinceMs, expected) =>
      judged(await namesOf(`last_over_time(${FIRING}[${Date.now() - sinceMs}ms])`), expected),
    untilFiring: (alert) =>
      eventually(async () => {
        const names = await namesOf(FIRING)
        if (!names.includes(alert)) throw new Error(`${alert} does not fire, but: ${names.join(', ') || 'none'}`)
      }, patience),
    untilNoneFires: () =>
      eventually(async () => {
        const names = judged(await namesOf(FIRING))
        if (names.length > 0) throw new Error(`still firing: ${names.join(', ')}`)
      }, patience),
  }
}

function jobOf(system: System, app: AppName) {
  const targets = system.opsUrlsOf(app).map((url) => new URL(url).host)
  return { job_name: `floodgate-${app}`, static_configs: [{ targets }] }
}
