import type { InvalidCause } from '../token-verdict.ts'

/** The decision while a pass cannot be checked: `closed` rejects, `open` lets all requests through. */
export type FailMode = 'closed' | 'open'

/** Why a pass or a handover is rejected. */
export type Reason =
  /** There is no pass. */
  | 'missing'
  /** The pass is genuine, and its turn has ended. */
  | 'expired'
  | InvalidCause
  /** The pass is genuine, and of another sale. */
  | 'sale'
  /** The turn was given back. */
  | 'revoked'
  /** An order was placed with it (`oncePerSlot`). */
  | 'used'
  | 'handover-expired'
  /** The handover is for an origin other than that of this request. */
  | 'handover-origin'
  /** The handover is for a slot other than that of the admission beside it. */
  | 'handover-slot'
  /** The cookie has the pass of a later turn, or of a longer one. */
  | 'handover-older'
  | 'handover-invalid'
  | 'cookies-off'
  | Unknown

/** Why a pass cannot be checked, even a genuine one. */
export type Unknown = 'keys-unavailable' | 'revocations-unavailable' | 'slots-unavailable' | 'waiting-room-unavailable'

/** The verified facts of one request. */
export interface Facts {
  /** A valid diagnosis token came with the request. */
  readonly diagnosis: boolean
  /** `protect` matched, and the request belongs to a sale. */
  readonly isProtected: boolean
  /** A browser is going to show the response as a page. */
  readonly isNavigation: boolean
  /** The `floodgate` parameter of a navigation: absent, `cookie` (see {@link Decision}), or a verdict. */
  readonly handover: 'none' | 'cookie-check' | 'valid' | Reason
  /** The URL is marked: its way began with a rejection. */
  readonly wasRefused: boolean
  /** The browser sent a cookie of any name, and can keep the gate's at this origin. */
  readonly keepsCookies: boolean
  readonly pass: 'valid' | Reason
  readonly failMode: FailMode
  /** The last calls to the waiting room failed. Known in `open` alone. */
  readonly isDown: boolean
}

export type DecisionKind = Decision['kind']

export type Decision =
  /** The request does not concern the gate. */
  | { readonly kind: 'untouched' }
  | { readonly kind: 'admitted' }
  /** Let through unchecked, because of `failMode: 'open'`. */
  | { readonly kind: 'open'; readonly reason: Unknown }
  /** 303 to the line. Each reason but `missing` clears the cookie and marks the way back. */
  | { readonly kind: 'to-line'; readonly reason: Reason }
  /**
   * 303 to the URL without the gate's parameters. `store` sets the cookie. `check` leaves `floodgate=cookie` in the URL
   * for a browser that may not keep the cookie: the next request shows whether it did.
   */
  | { readonly kind: 'to-clean'; readonly store: boolean; readonly check: boolean }
  /** problem+json, for scripts. */
  | { readonly kind: 'problem'; readonly reason: Reason }
  /** A page with the reason, for buyers. */
  | { readonly kind: 'page'; readonly reason: Reason }
  | { readonly kind: 'diagnosis' }

const UNKNOWN: Readonly<Record<Unknown, true>> = {
  'keys-unavailable': true,
  'revocations-unavailable': true,
  'slots-unavailable': true,
  'waiting-room-unavailable': true,
}

/** Tells whether the reason does not concern the pass itself. */
export function isUnknown(reason: string): reason is Unknown {
  return Object.hasOwn(UNKNOWN, reason)
}

/** Decides about a request. Total and pure: every combination of facts has its one decision. */
export function decide(facts: Facts): Decision {
  if (facts.diagnosis) return { kind: 'diagnosis' }
  return (facts.isNavigation ? decideByUrl(facts) : undefined) ?? decideByPass(facts)
}

/** Decides by the gate's parameter in the URL of a navigation; undefined: the pass decides. */
const decideByUrl = ({
  handover,
  keepsCookies,
  pass,
  wasRefused,
  isProtected,
  failMode,
}: Facts): Decision | undefined => {
  // The mark would stay in the address bar.
  if (handover === 'none') return wasRefused && pass === 'valid' ? CLEAN : undefined
  if (handover === 'valid') return { kind: 'to-clean', store: true, check: !keepsCookies }
  if (handover === 'cookie-check') return pass === 'missing' ? { kind: 'page', reason: 'cookies-off' } : CLEAN
  // A reload of an old URL, or a page that is not protected: the clean URL is judged by itself.
  if (pass === 'valid' || !isProtected) return CLEAN
  if (isUnknown(handover)) return failMode === 'open' ? CLEAN : { kind: 'page', reason: handover }
  return wasRefused ? { kind: 'page', reason: handover } : { kind: 'to-line', reason: handover }
}

const decideByPass = ({ isProtected, isNavigation, pass, failMode, isDown, wasRefused }: Facts): Decision => {
  if (!isProtected) return { kind: 'untouched' }
  if (pass === 'valid') return { kind: 'admitted' }
  if (isUnknown(pass) && failMode === 'open') return { kind: 'open', reason: pass }
  // A waiting room that does not respond issues no passes. A used or returned one stays so.
  if (failMode === 'open' && isDown && pass !== 'used' && pass !== 'revoked')
    return { kind: 'open', reason: 'waiting-room-unavailable' }
  if (!isNavigation) return { kind: 'problem', reason: pass }
  // The line sends an admitted buyer back at once, so a used pass would lead to a loop.
  if (isUnknown(pass) || pass === 'used') return { kind: 'page', reason: pass }
  return wasRefused && pass !== 'missing' ? { kind: 'page', reason: pass } : { kind: 'to-line', reason: pass }
}

const CLEAN: Decision = { kind: 'to-clean', store: false, check: false }
