import type { AdmissionVerifier } from '../verifier.ts'
import { type CookieRules, cookieValues } from './cookie.ts'
import { createMemorySlots } from './memory-slots.ts'
import type { GateOptions } from './options.ts'
import type { Place } from './origin.ts'
import { judgeCookies, type PassRules, type PassVerdict } from './pass.ts'
import type { GateRequest } from './request.ts'
import type { Revocations } from './revocations.ts'

const MISSING: PassVerdict = { kind: 'rejected', reason: 'missing' }
const FINISHED_MAX = 10_000
/** No turn lasts longer than a day, however often it is extended, and no clock is tolerated by more than five minutes. */
const PASS_MS_MAX = 86_700_000

export interface JudgesDeps {
  readonly options: GateOptions
  now(): number
  readonly verifier: AdmissionVerifier
  /** Loads and creates them once; undefined where the options leave them out. */
  readonly revocations: (() => Promise<Revocations>) | undefined
  cookieRulesFor(place: Place): CookieRules
}

export type Judges = ReturnType<typeof createJudges>

/** Creates the functions that judge the passes of requests. Each returns a verdict for every text. */
export function createJudges({ options, now, verifier, revocations, cookieRulesFor }: JudgesDeps) {
  const { maxSeconds, clockToleranceSeconds = 0, oncePerSlot } = options
  const finished = createMemorySlots({ max: FINISHED_MAX })

  function rulesFor({ origin, sale }: Place): PassRules {
    const cookieOf = (own: string) => cookieRulesFor({ origin, sale: own })
    return { sale, maxSeconds, clockToleranceSeconds, nowMs: now(), cookieOf }
  }

  /** Rejects a genuine pass whose slot was given back. */
  async function unlessRevoked(verdict: PassVerdict): Promise<PassVerdict> {
    if (verdict.kind !== 'valid') return verdict
    const { sale, slot } = verdict.pass
    const isRevoked = finished.has(slot) || ((await (await revocations?.())?.isRevoked(sale, slot)) ?? false)
    if (isRevoked === 'unknown') return { kind: 'rejected', reason: 'revocations-unavailable' }
    return isRevoked ? { kind: 'rejected', reason: 'revoked' } : verdict
  }

  return {
    rulesFor,
    unlessRevoked,
    /** Judges the pass in the cookie, and returns how many cookies of its name there are. */
    judgeCookie: async (request: GateRequest, place: Place) => {
      const values = cookieValues(request.header('cookie'), cookieRulesFor(place).name)
      if (values.length === 0) return { cookies: 0, verdict: MISSING }
      const verdict = await unlessRevoked(await judgeCookies(verifier, values, rulesFor(place)))
      return { cookies: values.length, verdict }
    },
    /** Takes the one order of the slot, if the request places it. */
    takeSlot: async (request: GateRequest, verdict: PassVerdict): Promise<PassVerdict> => {
      if (verdict.kind !== 'valid' || oncePerSlot === undefined) return verdict
      if (!(oncePerSlot.counts?.(request) ?? request.method !== 'GET')) return verdict
      try {
        const { slot, issuedAt } = verdict.pass
        return (await oncePerSlot.use(slot, new Date(issuedAt.getTime() + PASS_MS_MAX)))
          ? verdict
          : { kind: 'rejected', reason: 'used' }
      } catch (error) {
        return { kind: 'rejected', reason: 'slots-unavailable', detail: String(error) }
      }
    },
    /** From now on this process rejects the slot as given back. The oldest of 10,000 makes room. */
    noteFinished: (slot: string, until: Date) => {
      finished.use(slot, until)
    },
  }
}
