import type { Admission } from '../admission.ts'
import { AdmissionKeysUnavailable } from '../keys.ts'
import type { AdmissionVerifier } from '../verifier.ts'
import type { CookieRules } from './cookie.ts'
import type { Reason } from './decide.ts'

/** A verified admission, as passed to the shop. */
export interface Pass extends Admission {
  /** When it ends for this shop: at its deadline, or before by `maxSeconds`. */
  readonly endsAt: Date
  /** The admission itself, for calls to the waiting room. A secret of the buyer. */
  readonly token: string
  readonly cookie: CookieRules
}

export type PassVerdict =
  | { readonly kind: 'valid'; readonly pass: Pass }
  /** Genuine, and its turn has ended: `finish` still accepts it. */
  | { readonly kind: 'rejected'; readonly reason: 'expired'; readonly pass: Pass }
  | { readonly kind: 'rejected'; readonly reason: Exclude<Reason, 'expired'>; readonly detail?: string }

export interface PassRules {
  /** The one sale that counts; undefined: any. */
  readonly sale: string | undefined
  readonly maxSeconds: number | undefined
  readonly clockToleranceSeconds: number
  readonly nowMs: number
  cookieOf(sale: string): CookieRules
}

/** Judges one admission. Returns a verdict for every text. */
export async function judgePass(verifier: AdmissionVerifier, token: string, rules: PassRules): Promise<PassVerdict> {
  try {
    const verdict = await verifier.verify(token)
    if (verdict.kind === 'invalid') return { kind: 'rejected', reason: verdict.cause, detail: verdict.reason }
    const { admission } = verdict
    if (rules.sale !== undefined && admission.sale !== rules.sale) return { kind: 'rejected', reason: 'sale' }
    const endsAtMs = endOf(admission, rules.maxSeconds)
    const pass: Pass = { ...admission, endsAt: new Date(endsAtMs), token, cookie: rules.cookieOf(admission.sale) }
    const isOver = verdict.kind === 'expired' || endsAtMs <= rules.nowMs - rules.clockToleranceSeconds * 1_000
    return isOver ? { kind: 'rejected', reason: 'expired', pass } : { kind: 'valid', pass }
  } catch (error) {
    if (error instanceof AdmissionKeysUnavailable)
      return { kind: 'rejected', reason: 'keys-unavailable', detail: String(error.cause) }
    throw error
  }
}

/** A shop can end a turn before its deadline, never after. */
const endOf = ({ issuedAt, expiresAt }: Admission, maxSeconds = Number.POSITIVE_INFINITY): number =>
  Math.min(expiresAt.getTime(), issuedAt.getTime() + maxSeconds * 1_000)

/**
 * Judges the cookies of the gate's name: a valid one counts wherever it stands, then one that cannot be judged at the
 * moment, then a genuine one that has ended.
 */
export async function judgeCookies(
  verifier: AdmissionVerifier,
  values: readonly string[],
  rules: PassRules,
): Promise<PassVerdict> {
  let best: PassVerdict = { kind: 'rejected', reason: 'missing' }
  let rank = -2
  for (const value of values) {
    const verdict = await judgePass(verifier, value, rules)
    if (verdict.kind === 'valid') return verdict
    const own = ['expired', 'keys-unavailable'].indexOf(verdict.reason)
    if (own > rank) [best, rank] = [verdict, own]
  }
  return best
}
