import { type Admission, type AdmissionVerifier, judgeAdmission } from '@floodgate/admission'
import { AppError } from '@floodgate/runtime'

/** What was ordered can be read, cancelled, and answered again to its own key this long after the admission has ended. */
const acceptExpiredForSeconds = 24 * 60 * 60
const retryAfterSeconds = 2

/** Authenticates the buyer. Throws unless the admission is genuine and not long past; whether it may start an order is judged apart. */
export const authenticate = async (
  authorization: string | undefined,
  verifier: AdmissionVerifier,
): Promise<Admission> => {
  const judged = await judgeAdmission(verifier, authorization, { acceptExpiredForSeconds })
  if (judged.kind === 'admitted') return judged.admission
  if (judged.code === 'unavailable') throw new AppError('unavailable', { retryAfterSeconds })
  throw new AppError(judged.code, { headers: { 'www-authenticate': 'Bearer' } })
}
