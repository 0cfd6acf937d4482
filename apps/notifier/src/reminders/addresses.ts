import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { KeyRing } from '@floodgate/runtime'
import { CompactEncrypt } from 'jose'

/** How addresses of reminders are stored. */
export interface Addresses {
  /**
   * Returns the hashes of an address, which recognize it again: by all keys of the ring, the present one first, since an
   * older key may have made the stored one. Keyed, so that nobody without the key can try addresses.
   */
  hashes(address: string): readonly string[]
  /** Seals an address, so that it is opened as those of orders are. */
  seal(address: string): Promise<string>
  /** Returns the token of the link that ends reminders to an address: its hash, signed. */
  stopToken(hash: string): string
  /** Returns the hash in such a token; undefined for a token that was not made here. */
  hashInStopToken(token: string): string | undefined
}

const HASH_PURPOSE = 'floodgate reminder address 1'
const STOP_PURPOSE = 'floodgate reminder stop 1'
const KEY_BYTES = 32

export function createAddresses(ring: KeyRing): Addresses {
  const keyFor = (purpose: string, { bytes }: KeyRing[number]) =>
    new Uint8Array(hkdfSync('sha256', bytes, '', purpose, KEY_BYTES))
  const hashKeys = ring.map((key) => keyFor(HASH_PURPOSE, key))
  const stopKeys = ring.map((key) => keyFor(STOP_PURPOSE, key))
  const [sealing] = ring
  const stopKey = keyFor(STOP_PURPOSE, sealing)
  const macOf = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest()
  return {
    // A mail server that tells upper from lower case before the `@` is not worth a second reminder.
    hashes: (address) => hashKeys.map((key) => macOf(key, address.toLowerCase()).toString('base64url')),
    seal: (address) =>
      new CompactEncrypt(new TextEncoder().encode(address))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: sealing.kid })
        .encrypt(sealing.bytes),
    stopToken: (hash) => `${hash}.${macOf(stopKey, hash).toString('base64url')}`,
    hashInStopToken(token) {
      const [hash = '', signature = ''] = token.split('.')
      const shown = Buffer.from(signature, 'base64url')
      const isOurs = stopKeys.some((key) => {
        const mac = macOf(key, hash)
        return mac.length === shown.length && timingSafeEqual(mac, shown)
      })
      return isOurs ? hash : undefined
    },
  }
}
