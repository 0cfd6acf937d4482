import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { KeyRing } from '@floodgate/runtime'

/** Tokens of the links that end reminders to an address. */
export interface StopTokens {
  /** Returns the token for an address: its hash, signed. */
  make(hash: string): string
  /** Returns the hash in a token; undefined for one that was not made with a key of the ring. */
  hashIn(token: string): string | undefined
}

const PURPOSE = 'floodgate reminder stop 1'
const KEY_BYTES = 32

export function createStopTokens(ring: KeyRing): StopTokens {
  const keyOf = ({ bytes }: KeyRing[number]) => new Uint8Array(hkdfSync('sha256', bytes, '', PURPOSE, KEY_BYTES))
  const keys = ring.map(keyOf)
  const [signing] = ring
  const signingKey = keyOf(signing)
  const tokenOf = (key: Uint8Array, hash: string) =>
    `${hash}.${createHmac('sha256', key).update(hash).digest('base64url')}`
  return {
    make: (hash) => tokenOf(signingKey, hash),
    hashIn(token) {
      const [hash = ''] = token.split('.', 1)
      // As text: the last character of a signature has bits that decoding ignores.
      const shown = Buffer.from(token)
      const isOurs = keys.some((key) => {
        const made = Buffer.from(tokenOf(key, hash))
        return made.length === shown.length && timingSafeEqual(made, shown)
      })
      return isOurs ? hash : undefined
    },
  }
}
