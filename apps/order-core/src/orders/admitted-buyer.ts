import { type Admission, type AdmissionVerifier, judgeAdmission } from '@floodgate/admission'
import { AppError } from '@floodgate/service'
import type { Context } from 'hono'

/** What was ordered can be read, cancelled, and answered again to its own key this long after the admission has ended. */
const acceptExpiredForSeconds = 24 * 60 * 60
const retryAfterSeconds = 2

/** Who asks. Throws the refusal unless the admission is genuine and not long past; whether it may start an order is judged apart. */
export const admittedBuyer = (c: Context, verifier: AdmissionVerifier): Promise<Admission> =>
  admittedBearer(c.req.header('authorization'), verifier)

/** The same, of the `Authorization` header. */
export const admittedBearer = async (
  authorization: string | undefined,
  verifier: AdmissionVerifier,
): Promise<Admission> => {
  const judged = await judgeAdmission(verifier, authorization, { acceptExpiredForSeconds })
  if (judged.kind === 'admitted') return judged.admission
  if (judged.code === 'unavailable') throw new AppError('unavailable', { retryAfterSeconds })
  throw new AppError(judged.code, { headers: { 'www-authenticate': 'Bearer' } })
}
