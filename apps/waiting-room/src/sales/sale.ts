import type { EventDataOf, SaleAct, SaleIdentity, SalePut, SaleSettings, SaleState } from '@floodgate/contracts'

/** A sale as stored in Postgres. */
export interface Sale {
  readonly id: string
  readonly name: string
  readonly state: SaleState
  readonly admitPerSecond: number
  readonly maxActive: number
  readonly admissionTtlSeconds: number
  readonly claimSeconds: number
  readonly returnSeconds: number
  /** How often a buyer may extend its turn. */
  readonly extensionsMax: number
  readonly opensAt: Date | null
  readonly closesAt: Date | null
  /** Origins whose pages may show the sale's page in a frame. */
  readonly frameOrigins: readonly string[]
  /** Origins of the shop to which admitted buyers may return. */
  readonly returnOrigins: readonly string[]
  /** Where an admitted buyer without an allowed return URL goes. */
  readonly defaultReturnUrl: string | null
  /** The issuer of accepted ID tokens; null: buyers are anonymous. */
  readonly identity: SaleIdentity | null
  /** Language for buyers (BCP 47); null: by each buyer's Accept-Language. */
  readonly language: string | null
  /** Raised by every act. */
  readonly version: number
}

const DAY_MS = 86_400_000
/**
 * How long the line of a closed sale stays in Redis. Its last ticket ends a day after the close; the second day is for
 * operators who reopen the sale.
 */
export const CLOSED_LINE_MS = 2 * DAY_MS

/** Maximum difference between the clocks of Redis and the processes. */
const CLOCK_SKEW_MS_MAX = 2_000

export type ActDecision =
  | { readonly kind: 'become'; readonly state: SaleState }
  | { readonly kind: 'same' }
  | { readonly kind: 'wrong-state' }

const become = (state: SaleState): ActDecision => ({ kind: 'become', state })
const same: ActDecision = { kind: 'same' }
const wrong: ActDecision = { kind: 'wrong-state' }

const acts: Readonly<Record<SaleAct, Readonly<Record<SaleState, ActDecision>>>> = {
  open: { scheduled: become('open'), open: same, paused: wrong, closed: wrong },
  pause: { scheduled: wrong, open: become('paused'), paused: same, closed: wrong },
  resume: { scheduled: wrong, open: same, paused: become('open'), closed: wrong },
  close: { scheduled: become('closed'), open: become('closed'), paused: become('closed'), closed: same },
  // Paused, so that an operator checks the line before the next admission.
  reopen: { scheduled: wrong, open: same, paused: same, closed: become('paused') },
}

/** Decides what an act does to a sale in a state. Total. */
export function decideAct(state: SaleState, act: SaleAct): ActDecision {
  return acts[act][state]
}

/**
 * Returns the sale after an act that leads to `state`. A reopened sale has no end until one is set: the old one would
 * close it again.
 */
export function saleInState(sale: Sale, { act, state }: { act: SaleAct; state: SaleState }): Sale {
  const closesAt = act === 'reopen' ? null : sale.closesAt
  return { ...sale, state, closesAt, version: sale.version + 1 }
}

export type SettingsProblem =
  | { readonly kind: 'version-conflict'; readonly version: number }
  | { readonly kind: 'time-past'; readonly pointers: readonly string[] }

/** Returns why settings may not be applied to a sale (undefined: a new one) now; undefined when they may. */
export function settingsProblemOf(sale: Sale | undefined, put: SalePut, nowMs: number): SettingsProblem | undefined {
  const version = sale?.version ?? 0
  if (put.version !== undefined && put.version !== version) return { kind: 'version-conflict', version }
  if (put.force === true) return undefined
  const isNewlyPast = (name: 'opensAt' | 'closesAt') => {
    const time = toDate(put[name])?.getTime()
    return time !== undefined && time <= nowMs && time !== sale?.[name]?.getTime()
  }
  const pointers = (['opensAt', 'closesAt'] as const).filter(isNewlyPast).map((name) => `/${name}`)
  return pointers.length === 0 ? undefined : { kind: 'time-past', pointers }
}

const toDate = (value: string | null | undefined) => (value == null ? null : new Date(value))

/** Returns the sale with an operator's settings; undefined when they change nothing. */
export function changedSettings(sale: Sale, settings: SaleSettings): Sale | undefined {
  const changed: Sale = { ...sale, ...settingsOf(settings) }
  const keys = [
    ...(['name', 'admitPerSecond', 'maxActive', 'admissionTtlSeconds', 'claimSeconds'] as const),
    ...(['returnSeconds', 'extensionsMax', 'language', 'defaultReturnUrl'] as const),
  ]
  const equal =
    keys.every((key) => changed[key] === sale[key]) &&
    changed.opensAt?.getTime() === sale.opensAt?.getTime() &&
    changed.closesAt?.getTime() === sale.closesAt?.getTime() &&
    changed.frameOrigins.join(' ') === sale.frameOrigins.join(' ') &&
    changed.returnOrigins.join(' ') === sale.returnOrigins.join(' ') &&
    isSameIdentity(changed.identity, sale.identity)
  return equal ? undefined : { ...changed, version: sale.version + 1 }
}

function isSameIdentity(one: SaleIdentity | null, other: SaleIdentity | null): boolean {
  if (one === null || other === null) return one === other
  const keys = ['mode', 'issuer', 'audience', 'jwksUrl'] as const
  return keys.every((key) => one[key] === other[key])
}

const settingsOf = (settings: SaleSettings) => ({
  name: settings.name,
  admitPerSecond: settings.admitPerSecond,
  maxActive: settings.maxActive,
  admissionTtlSeconds: settings.admissionTtlSeconds,
  claimSeconds: settings.claimSeconds,
  returnSeconds: settings.returnSeconds,
  extensionsMax: settings.extensionsMax,
  opensAt: toDate(settings.opensAt),
  closesAt: toDate(settings.closesAt),
  frameOrigins: settings.frameOrigins,
  returnOrigins: settings.returnOrigins,
  defaultReturnUrl: settings.defaultReturnUrl,
  identity: settings.identity,
  language: settings.language,
})

export function newSale(id: string, settings: SaleSettings): Sale {
  return {
    id,
    ...settingsOf(settings),
    state: 'scheduled',
    version: 1,
  }
}

/**
 * Tells whether no buyer can have joined yet. A sale that Redis does not know is new then; any other was lost with its
 * line, and its counter must continue above the places that were given.
 */
export function isUntouched({ version, opensAt }: Sale, nowMs: number): boolean {
  return version === 1 && (opensAt === null || opensAt.getTime() > nowMs + CLOCK_SKEW_MS_MAX)
}

const eventTypes = {
  configured: 'sale.configured.v1',
  open: 'sale.opened.v1',
  pause: 'sale.paused.v1',
  resume: 'sale.resumed.v1',
  close: 'sale.closed.v1',
  reopen: 'sale.reopened.v1',
} as const
export type RecordedAct = keyof typeof eventTypes

export function saleEvent(act: RecordedAct, sale: Sale, at: Date) {
  const data: EventDataOf<'sale.configured.v1'> = {
    sale: sale.id,
    name: sale.name,
    state: sale.state,
    opensAt: sale.opensAt?.toISOString() ?? null,
    closesAt: sale.closesAt?.toISOString() ?? null,
    ...(sale.language !== null && { language: sale.language }),
    at: at.toISOString(),
  }
  return { type: eventTypes[act], data }
}
