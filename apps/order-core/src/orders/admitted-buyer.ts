import { type Admission, type AdmissionVerifier, judgeAdmission } from '@floodgate/admission'
import { AppError } from '@floodgate/service'
import type { Context } from 'hono'

/** What was ordered can be read and cancelled this long after the admission has ended. */
const acceptExpiredForSeconds = 24 * 60 * 60
const retryAfterSeconds = 2

/** Who asks. Throws the refusal when the request carries no admission that is good for reading. */
export const admittedBuyer = async (c: Context, verifier: AdmissionVerifier): Promise<Admission> => {
  const judged = await judgeAdmission(verifier, c.req.header('authorization'), { acceptExpiredForSeconds })
  if (judged.kind === 'admitted') return judged.admission
  if (judged.code === 'unavailable') throw new AppError('unavailable', { retryAfterSeconds })
  throw new AppError(judged.code, { headers: { 'www-authenticate': 'Bearer' } })
}
