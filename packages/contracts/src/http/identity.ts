import { z } from 'zod'
import { instant, text, timestamp } from '../scalars.ts'
import { HOST, PORT } from './url-patterns.ts'

const LOOPBACK = '(?:localhost|127\\.0\\.0\\.1|\\[::1\\])'
const PATH = "[A-Za-z0-9._~!$&'()*+,;=:@%/-]"
const JWKS_URL = new RegExp(
  `^(?:https://(?:${HOST}|\\[[0-9a-f:.]{2,45}\\])|http://${LOOPBACK})(?::${PORT})?/${PATH}*(?:\\?(?:${PATH}|\\?)*)?$`,
)
const JWKS_URL_WORDS =
  'must be a https:// URL with a path, or http:// on localhost, 127.0.0.1 or [::1]; without user and fragment'

/** URL of the keys of an issuer (RFC 7517). */
const jwksUrl = z
  .string()
  .max(1_000)
  .regex(JWKS_URL, { error: JWKS_URL_WORDS, abort: true })
  // The pattern also matches an invalid IPv6 address.
  .refine((value) => URL.canParse(value), `${JWKS_URL_WORDS}; no URL has this host`)
  .meta({ description: JWKS_URL_WORDS.replace('must be a', 'A') })

/** Longest accepted `iss` and `aud`. */
const NAME_CHARACTERS_MAX = 500

/** The ID tokens that a sale accepts (OpenID Connect Core 1.0 §2). */
export const saleIdentity = z
  .strictObject({
    mode: z
      .enum(['required', 'accepted'])
      .describe('`required`: a new place needs an ID token. `accepted`: buyers without one are anonymous'),
    issuer: text(NAME_CHARACTERS_MAX).describe('`iss` of the ID tokens, compared exactly'),
    audience: text(NAME_CHARACTERS_MAX).describe('Must be the `aud` of the ID tokens, or one of them'),
    jwksUrl,
  })
  .describe("The shop's own buyers: an ID token of this issuer at joining makes its account the buyer")
export type SaleIdentity = z.infer<typeof saleIdentity>

/** OpenID Connect allows 255 characters for `sub`. */
export const SUBJECT_CHARACTERS_MAX = 255
export const REVOCATION_DAYS_MAX = 400

const revoked = {
  issuer: text(NAME_CHARACTERS_MAX),
  subject: text(SUBJECT_CHARACTERS_MAX).optional().describe('`sub` of an account: all of its ID tokens'),
  jti: text(SUBJECT_CHARACTERS_MAX).optional().describe('`jti` of one ID token'),
}

/** Revokes an account or one ID token. */
export const identityRevocationRequest = z
  .strictObject({
    ...revoked,
    until: instant.describe(`End of the revocation, at most ${REVOCATION_DAYS_MAX} days ahead`),
    force: z
      .boolean()
      .optional()
      .describe('Accepts an `until` in the past, which ends a revocation at once. Without it: `time-past`'),
  })
  .refine(({ subject, jti }) => (subject === undefined) !== (jti === undefined), {
    error: 'must have either subject or jti',
  })
  .meta({ oneOf: [{ required: ['subject'] }, { required: ['jti'] }] })
export type IdentityRevocationRequest = z.infer<typeof identityRevocationRequest>

export const identityRevocation = z.strictObject({
  ...revoked,
  subject: revoked.subject.describe('`sub` of an account; absent once its buyer was erased'),
  /** The account's buyer id; absent for an ID token. */
  buyer: z.string().optional(),
  until: timestamp,
  /** When it was last changed. */
  changedAt: timestamp,
})
export type IdentityRevocation = z.infer<typeof identityRevocation>

export const identityRevocationList = z.strictObject({
  revocations: z.array(identityRevocation),
  /** Continues the list; null at its end. */
  next: z.string().nullable(),
})
export type IdentityRevocationList = z.infer<typeof identityRevocationList>
