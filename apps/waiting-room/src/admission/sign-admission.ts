import { SignJWT } from 'jose'
import { createBoundedMap } from '../line/bounded-map.ts'
import type { Slot } from '../line/line-scripts.ts'
import type { KeySet } from './key-set.ts'

/** An order must be started this long before its slot comes back. */
const marginMs = 5_000
const passesMax = 100_000

export interface Pass {
  readonly admission: string
  readonly expiresAt: string
}

export type PassOf = (sale: string, slot: Slot) => Promise<Pass>

/**
 * Signs admissions (JWS, EdDSA). The same slot gives the same bytes on every process: all claims and the key come from
 * the admission itself, and Ed25519 signatures are deterministic (RFC 8032 §5.1.6). Only when the key it was promised
 * with is gone from the key file does the newest one sign.
 */
export const createPasses = (options: { keys: () => KeySet; issuer: string; audience: string }): PassOf => {
  const signed = createBoundedMap<Pass>(passesMax)
  return async function passOf(sale, slot) {
    const known = signed.get(slot.slot)
    if (known !== undefined) return known
    const keys = options.keys()
    const { key, kid } = keys.admissionKeyById(slot.kid) ?? keys.admissionKey(Date.now())
    const exp = Math.floor((slot.deadlineMs - marginMs) / 1_000)
    const admission = await new SignJWT({ sale })
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'JWT' })
      .setIssuer(options.issuer)
      .setAudience(options.audience)
      .setSubject(slot.buyer)
      .setJti(slot.slot)
      .setIssuedAt(Math.floor(slot.admittedMs / 1_000))
      .setExpirationTime(exp)
      .sign(key)
    const pass = { admission, expiresAt: new Date(exp * 1_000).toISOString() }
    signed.set(slot.slot, pass)
    return pass
  }
}
