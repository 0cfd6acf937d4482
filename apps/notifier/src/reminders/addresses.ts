import { createHmac, hkdfSync } from 'node:crypto'
import type { KeyRing } from '@floodgate/runtime'
import { CompactEncrypt } from 'jose'

/** How addresses of reminders are stored. */
export interface Addresses {
  /**
   * Returns the hashes of an address, which recognize it again; the first one is stored. Keyed, so that nobody without
   * the key can try addresses. The others are those of earlier releases, by the keys of the ring.
   */
  hashes(address: string): Promise<readonly string[]>
  /**
   * Reads the keys of the hashes, and so seals them with each key of the ring, before one of these is removed. Reads
   * once: later calls do nothing.
   */
  readKeys(): Promise<void>
  /** Seals an address, so that it is opened as those of orders are. */
  seal(address: string): Promise<string>
}

const PURPOSE = 'floodgate reminder address 1'
const KEY_BYTES = 32

/** `readKeys` is called until it has succeeded once: see `readAddressKeys`. */
export function createAddresses(ring: KeyRing, readKeys: () => Promise<readonly Uint8Array[]>): Addresses {
  const ringKeys = ring.map(({ bytes }) => new Uint8Array(hkdfSync('sha256', bytes, '', PURPOSE, KEY_BYTES)))
  const [sealing] = ring
  let keys: Promise<readonly Uint8Array[]> | undefined
  async function keysOnce(): Promise<readonly Uint8Array[]> {
    keys ??= readKeys()
    try {
      return await keys
    } catch (error) {
      keys = undefined
      throw error
    }
  }
  return {
    async hashes(address) {
      // A mail server that tells upper from lower case before the `@` is not worth a second reminder.
      const text = address.toLowerCase()
      return [...(await keysOnce()), ...ringKeys].map((key) =>
        createHmac('sha256', key).update(text).digest('base64url'),
      )
    },
    async readKeys() {
      await keysOnce()
    },
    seal: (address) =>
      new CompactEncrypt(new TextEncoder().encode(address))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: sealing.kid })
        .encrypt(sealing.bytes),
  }
}
