import type { Admission } from './admission.ts'
import { AdmissionKeysUnavailable } from './keys.ts'
import type { AdmissionVerifier } from './verifier.ts'

export type AdmissionRejection = 'admission-missing' | 'admission-invalid' | 'admission-expired' | 'unavailable'

export type AdmissionJudgement =
  | { readonly kind: 'admitted'; readonly admission: Admission }
  | { readonly kind: 'rejected'; readonly code: AdmissionRejection }

export interface AdmissionRules {
  /** The one sale whose admissions are accepted; without it, any sale's. */
  readonly sale?: string
  /** How long after it expired an admission is still accepted, for reading or cancelling its order. Default 0. */
  readonly acceptExpiredForSeconds?: number
  /** The clock, in milliseconds since 1970. Default `Date.now`. */
  now?(): number
}

/** Returns the token of an `Authorization: Bearer` header (RFC 6750 §2.1), or ''. */
const bearerToken = (authorization: string | null | undefined): string | undefined =>
  /^Bearer ([\x21-\x7e]+)$/i.exec(authorization ?? '')?.[1]

/**
 * Judges the `Authorization` header of a request, for any framework. Rejections are values; it does not throw for a bad
 * token.
 */
export async function judgeAdmission(
  verifier: AdmissionVerifier,
  authorization: string | null | undefined,
  rules: AdmissionRules = {},
): Promise<AdmissionJudgement> {
  const token = bearerToken(authorization)
  if (token === undefined) return { kind: 'rejected', code: 'admission-missing' }
  let verdict: Awaited<ReturnType<AdmissionVerifier['verify']>>
  try {
    verdict = await verifier.verify(token)
  } catch (error) {
    if (error instanceof AdmissionKeysUnavailable) return { kind: 'rejected', code: 'unavailable' }
    throw error
  }
  if (verdict.kind === 'invalid') return { kind: 'rejected', code: 'admission-invalid' }
  const { admission } = verdict
  if (rules.sale !== undefined && admission.sale !== rules.sale) return { kind: 'rejected', code: 'admission-invalid' }
  if (verdict.kind === 'expired' && !isRecent(admission, rules)) return { kind: 'rejected', code: 'admission-expired' }
  return { kind: 'admitted', admission }
}

const isRecent = (admission: Admission, { acceptExpiredForSeconds = 0, now = Date.now }: AdmissionRules) =>
  now() - admission.expiresAt.getTime() <= acceptExpiredForSeconds * 1_000
