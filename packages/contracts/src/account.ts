import { createHash } from 'node:crypto'

/** An account at an issuer of ID tokens: `iss` and `sub` of the token. */
export interface Account {
  readonly issuer: string
  readonly subject: string
}

const ID_BYTES = 16

function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, ID_BYTES).toString('base64url')
}

/**
 * Returns the buyer id of an account, in every sale and on every device: base64url of the first 16 bytes of the
 * SHA-256 of the JSON array `["account", issuer, subject]`. A shop can compute it. It is a pseudonym, not a secret: a
 * reader of buyers can test guessed subjects.
 */
export function buyerOfAccount({ issuer, subject }: Account): string {
  return digestOf(['account', issuer, subject])
}

/** Returns the short name of an ID token by its `jti`, in the form of a buyer. */
export function nameOfToken({ issuer, jti }: { readonly issuer: string; readonly jti: string }): string {
  return digestOf(['token', issuer, jti])
}
