import { hkdfSync } from 'node:crypto'

/** A key of the ring from which the links' keys are derived. */
export interface LinkKey {
  /** Names the key: links carry it, so that a verifier knows which key to use. */
  readonly kid: string
  readonly bytes: Uint8Array
}

/** The first key signs, all of them verify. */
export type LinkKeyRing = readonly [LinkKey, ...LinkKey[]]

/** `typ` of the token (RFC 8725 §3.11): no other token of Floodgate has it, and no link is accepted without it. */
export const LINK_TYPE = 'order-link+jwt'
export const LINK_ALGORITHM = 'HS256'
/** `aud` of the token: accepted for reading and cancelling one order, nowhere else. */
export const LINK_AUDIENCE = 'floodgate:order-link'

const PURPOSE = 'floodgate order link 1'
const KEY_BYTES = 32

/**
 * Derives the signing key of links (HKDF, RFC 5869): it reveals nothing about the original key, which opens addresses.
 */
export function linkKeyOf({ bytes }: LinkKey): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', bytes, '', PURPOSE, KEY_BYTES))
}
