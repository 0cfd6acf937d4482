import { type Admission, type AdmissionVerifier, judgeAdmission } from '@floodgate/admission'
import { AppError } from '@floodgate/runtime'

/** What was ordered can be read, cancelled, and answered again to its own key this long after the admission has ended. */
const ACCEPT_EXPIRED_FOR_SECONDS = 24 * 60 * 60
const RETRY_AFTER_SECONDS = 2

/** Authenticates the buyer. Throws unless the admission is genuine and not long past; whether it may start an order is judged apart. */
export async function authenticate(authorization: string | undefined, verifier: AdmissionVerifier): Promise<Admission> {
  const judged = await judgeAdmission(verifier, authorization, { acceptExpiredForSeconds: ACCEPT_EXPIRED_FOR_SECONDS })
  if (judged.kind === 'admitted') return judged.admission
  if (judged.code === 'unavailable') throw new AppError('unavailable', { retryAfterSeconds: RETRY_AFTER_SECONDS })
  throw new AppError(judged.code, { headers: { 'www-authenticate': 'Bearer' } })
}
