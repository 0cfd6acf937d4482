import { emailAddress } from '@floodgate/contracts'
import { compactDecrypt } from 'jose'

/** Opens a sealed address; undefined for what this key can't open, or what is no address. */
export type OpenEmail = (sealed: string) => Promise<string | undefined>

const keyBytes = 32

/** Opens compact JWEs (`dir`, A256GCM), as the order core seals them. Throws when the key is not base64url of 32 bytes. */
export const createOpenEmail = (emailKey: string): OpenEmail => {
  const key = Buffer.from(emailKey, 'base64url')
  if (key.length !== keyBytes) throw new TypeError(`EMAIL_KEY is not base64url of ${keyBytes} bytes`)
  return async (sealed) => {
    try {
      const opened = await compactDecrypt(sealed, key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      })
      return emailAddress.parse(new TextDecoder().decode(opened.plaintext))
    } catch {
      return undefined // Counted by the sender, as a dead mail.
    }
  }
}
