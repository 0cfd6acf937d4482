export type { Admission } from './admission.ts'
export {
  type AdmissionJudgement,
  type AdmissionRefusal,
  type AdmissionRules,
  judgeAdmission,
} from './judge-admission.ts'
export { AdmissionKeysUnavailable } from './keys.ts'
export { refusalResponse } from './refusal-response.ts'
export { type AdmissionContext, requireAdmission } from './require-admission.ts'
export {
  type AdmissionVerdict,
  type AdmissionVerifier,
  type AdmissionVerifierOptions,
  createAdmissionVerifier,
  type InvalidCause,
} from './verifier.ts'
