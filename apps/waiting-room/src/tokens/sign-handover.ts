import { randomUUID } from 'node:crypto'
import { HANDOVER_SECONDS } from '@floodgate/contracts'
import type { KeySet } from './key-set.ts'
import { signClaims } from './sign-admission.ts'

export interface TimedToken {
  readonly token: string
  readonly expiresAt: string
}

export interface Handing {
  readonly sale: string
  readonly buyer: string
  readonly slot: string
  /** The origin of the address at the shop: no other site may use the handover. */
  readonly origin: string
}

/** Signs the tokens for shops other than admissions, by the newest admission key whose time has come. */
export interface ShopTokens {
  /** Proves for a minute that the buyer of this admission comes from the line to this origin. */
  signHandover(handing: Handing): TimedToken
  /** Permits its bearer to diagnose the connector of the sale's shop for some minutes. */
  signDiagnosis(diagnosis: { readonly sale: string; readonly minutes: number }): TimedToken
}

export function createShopTokens(options: {
  keys(): KeySet
  readonly issuer: string
  /** Of admissions. */
  readonly audience: string
  now?(): number
}): ShopTokens {
  const { keys, issuer: iss, audience, now = Date.now } = options
  function sign(typ: 'handover+jwt' | 'diagnosis+jwt', seconds: number, claims: object): TimedToken {
    const nowMs = now()
    const iat = Math.floor(nowMs / 1_000)
    const exp = iat + seconds
    const token = signClaims(keys().admissionKey(nowMs), { iss, ...claims, iat, exp }, typ)
    return { token, expiresAt: new Date(exp * 1_000).toISOString() }
  }
  return {
    signHandover: ({ sale, buyer, slot, origin }) =>
      sign('handover+jwt', HANDOVER_SECONDS, { aud: origin, sale, sub: buyer, jti: slot }),
    signDiagnosis: ({ sale, minutes }) =>
      sign('diagnosis+jwt', minutes * 60, { aud: audience, sale, jti: randomUUID() }),
  }
}
