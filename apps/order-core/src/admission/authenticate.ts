import { type Admission, type AdmissionVerifier, judgeAdmission } from '@floodgate/admission'
import { AppError } from '@floodgate/runtime'

/** How long after an admission expired its order can still be read, cancelled, and returned to its own key. */
const ACCEPT_EXPIRED_FOR_SECONDS = 24 * 60 * 60
const RETRY_AFTER_SECONDS = 2

/**
 * Authenticates the buyer. Throws unless the admission is genuine and not long expired; whether it may start an order
 * is judged separately.
 */
export async function authenticate(authorization: string | undefined, verifier: AdmissionVerifier): Promise<Admission> {
  const judged = await judgeAdmission(verifier, authorization, { acceptExpiredForSeconds: ACCEPT_EXPIRED_FOR_SECONDS })
  if (judged.kind === 'admitted') return judged.admission
  if (judged.code === 'unavailable') throw new AppError('unavailable', { retryAfterSeconds: RETRY_AFTER_SECONDS })
  throw new AppError(judged.code, { headers: { 'www-authenticate': 'Bearer' } })
}
