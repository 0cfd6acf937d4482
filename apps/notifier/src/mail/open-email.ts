import { emailAddress } from '@floodgate/contracts'
import type { KeyRing } from '@floodgate/runtime'
import { compactDecrypt, decodeProtectedHeader } from 'jose'

export type OpenedEmail =
  | { readonly kind: 'opened'; readonly address: string }
  /** None of our keys fits; the right one may come with the next start, as after a change of keys. */
  | { readonly kind: 'key-missing' }
  /** No key can open it, or its content is not an address. */
  | { readonly kind: 'broken' }

export type OpenEmail = (sealed: string) => Promise<OpenedEmail>

/**
 * Opens compact JWEs (`dir`, A256GCM) as the order core seals them, with the key that their `kid` names. One without a
 * `kid`, from before there were several keys, is tried with all of them.
 */
export function createOpenEmail(ring: KeyRing): OpenEmail {
  return async function openEmail(sealed) {
    const kid = kidOf(sealed)
    if (kid === undefined) return { kind: 'broken' }
    const keys = kid === '' ? ring : ring.filter((key) => key.kid === kid)
    for (const { bytes } of keys) {
      const plaintext = await decrypt(sealed, bytes)
      if (plaintext === undefined) continue
      const address = emailAddress.safeParse(plaintext)
      return address.success ? { kind: 'opened', address: address.data } : { kind: 'broken' }
    }
    // The right key does not open it: it was damaged. Without a name, any of the keys may be the right one.
    return { kind: kid === '' || keys.length === 0 ? 'key-missing' : 'broken' }
  }
}

/** Returns the name of the key that sealed it, `''` when it has none; undefined for anything but our JWEs. */
function kidOf(sealed: string): string | undefined {
  if (sealed.split('.').length !== 5) return undefined
  try {
    const { alg, enc, kid = '' } = decodeProtectedHeader(sealed)
    return alg === 'dir' && enc === 'A256GCM' && typeof kid === 'string' ? kid : undefined
  } catch {
    return undefined // The sender counts it as a dead mail.
  }
}

async function decrypt(sealed: string, key: Uint8Array): Promise<string | undefined> {
  try {
    const opened = await compactDecrypt(sealed, key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    })
    return new TextDecoder().decode(opened.plaintext)
  } catch {
    return undefined // Another key, or damaged: the caller distinguishes the two.
  }
}
