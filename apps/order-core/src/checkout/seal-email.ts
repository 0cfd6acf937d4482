import { CompactEncrypt } from 'jose'

export type SealEmail = (email: string) => Promise<string>

const KEY_BYTES = 32

/**
 * Seals e-mail addresses as compact JWEs (RFC 7516, `dir`, A256GCM), so that rows, events, dead letters and logs hold none
 * that anybody but the notifier can read. Throws when the key is not base64url of 32 bytes.
 */
export const createSealEmail = async (emailKey: string): Promise<SealEmail> => {
  const bytes = Buffer.from(emailKey, 'base64url')
  if (bytes.length !== KEY_BYTES) throw new TypeError(`EMAIL_KEY is not base64url of ${KEY_BYTES} bytes`)
  // Imported once: jose would do it again at every call.
  const key = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt'])
  const encoder = new TextEncoder()
  return (email) =>
    new CompactEncrypt(encoder.encode(email)).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(key)
}
