import { createDecipheriv } from 'node:crypto'
import { paymentMethod } from '@floodgate/contracts'
import type { KeyRing, RingKey } from '@floodgate/runtime'

export type OpenedMethod =
  | { readonly kind: 'opened'; readonly method: string }
  /** None of our keys fits: it may come with the next start, as after a change of keys. */
  | { readonly kind: 'key-missing' }
  /** No key can open it, or its content is not a payment method. */
  | { readonly kind: 'broken' }

export type OpenPaymentMethod = (sealed: string) => OpenedMethod

const TAG_BYTES = 16

export function createOpenPaymentMethod(ring: KeyRing): OpenPaymentMethod {
  return function openPaymentMethod(sealed) {
    const text = openSealed(ring, sealed)
    if (text === 'key-missing') return { kind: text }
    const method = paymentMethod.safeParse(text?.text)
    return method.success ? { kind: 'opened', method: method.data } : { kind: 'broken' }
  }
}

/**
 * Opens a compact JWE (`dir`, A256GCM) as the order core seals it, with the key that its `kid` names. Undefined: it is
 * none, or damaged.
 */
export function openSealed(ring: KeyRing, sealed: string): { readonly text: string } | 'key-missing' | undefined {
  const parts = sealed.split('.')
  const kid = kidOf(parts)
  if (kid === undefined) return undefined
  const key = ring.find((each) => each.kid === kid)
  if (key === undefined) return 'key-missing'
  const text = decrypt(parts, key)
  return text === undefined ? undefined : { text }
}

/** Returns the name of the key that sealed it; undefined for anything but our JWEs. */
function kidOf([header = '', encryptedKey, ...others]: readonly string[]): string | undefined {
  if (encryptedKey !== '' || others.length !== 3) return undefined
  try {
    const { alg, enc, kid } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as Record<string, unknown>
    return alg === 'dir' && enc === 'A256GCM' && typeof kid === 'string' ? kid : undefined
  } catch {
    return undefined // Broken: the caller counts it.
  }
}

function decrypt([header = '', , iv = '', sealed = '', tag = '']: readonly string[], key: RingKey): string | undefined {
  try {
    const authTagLength = TAG_BYTES
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, Buffer.from(iv, 'base64url'), { authTagLength })
    decipher.setAAD(Buffer.from(header, 'ascii')).setAuthTag(Buffer.from(tag, 'base64url'))
    return Buffer.concat([decipher.update(Buffer.from(sealed, 'base64url')), decipher.final()]).toString('utf8')
  } catch {
    return undefined // Damaged: the caller counts it.
  }
}
