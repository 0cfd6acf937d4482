import { createBoundedMap } from '@floodgate/async'
import type { KeySet, SigningKey } from './key-set.ts'
import { signClaims } from './sign-admission.ts'
import { TOKEN_CACHE_TTL_MS } from './token-cache.ts'

const HOUR_S = 3_600
/** How long after an admission expired its order can be read. */
const READABLE_S = 24 * HOUR_S
const PASSES_MAX = 20_000

export interface EndedPass {
  /** An expired admission: it reads and cancels the buyer's orders in the sale, and starts no order. */
  readonly admission: string
  /** Until when it reads orders. */
  readonly readableUntil: string
}

interface Signed {
  readonly pass: EndedPass
  readonly key: SigningKey['key']
}

export type EndedPassOf = (holder: { readonly sale: string; readonly buyer: string }) => EndedPass

/**
 * Signs admissions that expired an hour before they were made, for returning buyers without the one they ordered with:
 * every shop that accepts admissions already knows that such a token is only valid for reading. The same bytes for a
 * whole hour, so that verifiers can cache them.
 */
export function createEndedPasses(options: {
  keys(): KeySet
  readonly issuer: string
  readonly audience: string
  now?(): number
}): EndedPassOf {
  const now = options.now ?? Date.now
  const passes = createBoundedMap<Signed>(PASSES_MAX, { keptMs: TOKEN_CACHE_TTL_MS })
  return function endedPassOf({ sale, buyer }) {
    const hour = Math.floor(now() / 1_000 / HOUR_S)
    const name = `${sale} ${buyer} ${hour}`
    const { key, kid } = options.keys().admissionKey(now())
    const known = passes.get(name)
    if (known?.key === key) return known.pass
    const exp = (hour - 1) * HOUR_S
    const admission = signClaims(
      { key, kid },
      { sale, iss: options.issuer, aud: options.audience, sub: buyer, jti: `ended-${hour}`, iat: exp, exp },
    )
    const pass = { admission, readableUntil: new Date((exp + READABLE_S) * 1_000).toISOString() }
    passes.set(name, { pass, key })
    return pass
  }
}
