import type { About } from '@floodgate/contracts'
import { checkRings } from './check-rings.ts'
import type { Finding } from './finding.ts'

/** A process, and when its answer was on the way, by the clock of this machine. */
export interface Heard {
  readonly about: About
  readonly sentAtMs: number
  readonly receivedAtMs: number
}

/** Settings that must be the same in all apps that have them. */
const SAME = [
  ...['ENVIRONMENT', 'BUS', 'KAFKA_BROKERS', 'KAFKA_PARTITIONS'],
  ...['ADMISSION_ISSUER', 'ADMISSION_AUDIENCE'],
]
/** Settings that may differ between the processes of one app: addresses, names in traces, how much is logged. */
const OWN = new Set([
  'HOST',
  'PORT',
  'OPS_HOST',
  'OPS_PORT',
  'LOG_LEVEL',
  'OTEL_RESOURCE_ATTRIBUTES',
  'OTEL_SERVICE_NAME',
])
/** Tokens and holds have tolerances of seconds. */
const CLOCK_MS_MAX = 2_000
const FOREVER = 0

/** Returns everything that contradicts each other. Pure. */
export function findContradictions(heard: readonly Heard[]): readonly Finding[] {
  const abouts = heard.map(({ about }) => about)
  return [
    ...heard.flatMap(checkReadiness),
    ...checkVersions(abouts),
    ...heard.flatMap(checkClock),
    ...checkSame(abouts),
    ...checkProcesses(abouts),
    ...checkPairs(abouts),
    ...checkRings(abouts),
  ]
}

const nameOf = ({ app, process }: About): string => `${app} (${process})`

function checkReadiness({ about }: Heard): Finding[] {
  return Object.entries(about.readiness.checks)
    .filter(([, { ready }]) => !ready)
    .map(([check, { detail }]) => ({
      what: about.readiness.degraded.includes(check) ? 'degraded' : 'not ready',
      detail: `${nameOf(about)}: ${check}${detail === undefined ? '' : `, ${detail}`}`,
    }))
}

function checkVersions(abouts: readonly About[]): Finding[] {
  const versions = new Set(abouts.map(({ version }) => version))
  if (versions.size < 2) return []
  const all = abouts.map((about) => `${nameOf(about)} ${about.version}`).join('; ')
  return [{ what: 'versions', detail: `Finish the upgrade: ${all}` }]
}

/** The clock of a process is between those of this machine at both ends of the request, if all of them are right. */
function checkClock({ about, sentAtMs, receivedAtMs }: Heard): Finding[] {
  const nowMs = Date.parse(about.now)
  const offMs = nowMs < sentAtMs ? nowMs - sentAtMs : Math.max(0, nowMs - receivedAtMs)
  if (Math.abs(offMs) <= CLOCK_MS_MAX) return []
  const seconds = (Math.abs(offMs) / 1_000).toFixed(1)
  return [
    { what: 'clock', detail: `${nameOf(about)} is ${seconds} s ${offMs > 0 ? 'ahead of' : 'behind'} this machine.` },
  ]
}

function checkSame(abouts: readonly About[]): Finding[] {
  return SAME.flatMap((name) => {
    const values = new Map(
      abouts.flatMap(({ app, settings }) => (name in settings ? [[app, settings[name]] as const] : [])),
    )
    if (new Set(values.values()).size < 2) return []
    const all = [...values].map(([app, value]) => `${app} ${value ?? 'unset'}`).join('; ')
    return [{ what: name, detail: `Must be the same in all apps: ${all}` }]
  })
}

/** Processes of one app have the same settings, apart from their addresses. */
function checkProcesses(abouts: readonly About[]): Finding[] {
  return abouts.flatMap((about, index) => {
    const first = abouts.find(({ app }) => app === about.app)
    if (first === undefined || abouts.indexOf(first) === index) return []
    return Object.keys(about.settings)
      .filter((name) => !OWN.has(name) && about.settings[name] !== first.settings[name])
      .map((name) => ({ what: name, detail: `Differs between ${nameOf(first)} and ${nameOf(about)}.` }))
  })
}

function checkPairs(abouts: readonly About[]): Finding[] {
  const settingsOf = (app: string) => abouts.find((about) => about.app === app)?.settings
  const [room, core, worker] = ['waiting-room', 'order-core', 'payment-worker'].map(settingsOf)
  const findings: Finding[] = []
  if (room?.PASSES_VOIDED_BY === 'nobody' && core !== undefined)
    findings.push({
      what: 'PASSES_VOIDED_BY',
      detail:
        'The waiting room waits for nobody although an order core runs: set order-core, or late passes may still order.',
    })
  const [charges, orders] = [worker?.CHARGE_RETENTION_DAYS, core?.ORDER_RETENTION_DAYS].map((days) =>
    Number(days ?? FOREVER),
  )
  if (worker !== undefined && core !== undefined && isLonger(charges ?? FOREVER, orders ?? FOREVER))
    findings.push({
      what: 'CHARGE_RETENTION_DAYS',
      detail: 'Must not be longer than ORDER_RETENTION_DAYS of the order core.',
    })
  return findings
}

function isLonger(days: number, than: number): boolean {
  return than !== FOREVER && (days === FOREVER || days > than)
}
