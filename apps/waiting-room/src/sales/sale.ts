import type { EventDataOf, SaleAct, SaleSettings, SaleState } from '@floodgate/contracts'

/** A sale as it stands in Postgres. */
export interface Sale {
  readonly id: string
  readonly name: string
  readonly state: SaleState
  readonly admitPerSecond: number
  readonly maxActive: number
  readonly admissionTtlSeconds: number
  readonly opensAt: Date | null
  readonly closesAt: Date | null
  /** Raised by every act. */
  readonly version: number
}

/** How far apart the clocks of Redis and the processes may be. */
const clockSkewMsMax = 2_000

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
}

/** What an act does to a sale in a state. Total. */
export const decideAct = (state: SaleState, act: SaleAct): ActDecision => acts[act][state]

const toDate = (value: string | null | undefined) => (value == null ? null : new Date(value))

/** The sale with the settings an operator sent; undefined when they are what it has. */
export const changedSettings = (sale: Sale, settings: SaleSettings): Sale | undefined => {
  const changed: Sale = { ...sale, ...settingsOf(settings) }
  const keys = ['name', 'admitPerSecond', 'maxActive', 'admissionTtlSeconds'] as const
  const equal =
    keys.every((key) => changed[key] === sale[key]) &&
    changed.opensAt?.getTime() === sale.opensAt?.getTime() &&
    changed.closesAt?.getTime() === sale.closesAt?.getTime()
  return equal ? undefined : { ...changed, version: sale.version + 1 }
}

const settingsOf = ({ name, admitPerSecond, maxActive, admissionTtlSeconds, opensAt, closesAt }: SaleSettings) => ({
  name,
  admitPerSecond,
  maxActive,
  admissionTtlSeconds,
  opensAt: toDate(opensAt),
  closesAt: toDate(closesAt),
})

export const newSale = (id: string, settings: SaleSettings): Sale => ({
  id,
  ...settingsOf(settings),
  state: 'scheduled',
  version: 1,
})

/**
 * Whether nobody can have joined yet. A sale that Redis does not know is new then; any other was lost with its line, and
 * its counter has to go on above the places that were given.
 */
export const isUntouched = ({ version, opensAt }: Sale, nowMs: number): boolean =>
  version === 1 && (opensAt === null || opensAt.getTime() > nowMs + clockSkewMsMax)

const eventTypes = {
  configured: 'sale.configured.v1',
  open: 'sale.opened.v1',
  pause: 'sale.paused.v1',
  resume: 'sale.resumed.v1',
  close: 'sale.closed.v1',
} as const
export type RecordedAct = keyof typeof eventTypes

export const saleEvent = (act: RecordedAct, sale: Sale, at: Date) => {
  const data: EventDataOf<'sale.configured.v1'> = {
    sale: sale.id,
    name: sale.name,
    state: sale.state,
    opensAt: sale.opensAt?.toISOString() ?? null,
    closesAt: sale.closesAt?.toISOString() ?? null,
    at: at.toISOString(),
  }
  return { type: eventTypes[act], data }
}
