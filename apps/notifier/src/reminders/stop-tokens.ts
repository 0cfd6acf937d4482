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
  const macOf = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest()
  return {
    make: (hash) => `${hash}.${macOf(signingKey, hash).toString('base64url')}`,
    hashIn(token) {
      const [hash = '', signature = ''] = token.split('.')
      const shown = Buffer.from(signature, 'base64url')
      const isOurs = keys.some((key) => {
        const mac = macOf(key, hash)
        return mac.length === shown.length && timingSafeEqual(mac, shown)
      })
      return isOurs ? hash : undefined
    },
  }
}
