export type { Admission } from './admission.ts'
export type { Decision, DecisionKind, FailMode, Reason } from './gate/decide.ts'
export { createGate, type Gate } from './gate/gate.ts'
export { createMemorySlots, type MemorySlots, type SlotStore } from './gate/memory-slots.ts'
export type { GateEvent, GateMetric } from './gate/note.ts'
export { type GateOptions, GateOptionsError } from './gate/options.ts'
export type { PageContext, PageOf } from './gate/page.ts'
export type { Pass, PassVerdict } from './gate/pass.ts'
export { type GateRequest, gateRequest } from './gate/request.ts'
export type { GateHeader, GateResponse } from './gate/respond.ts'
export type { Extended, Finished, GateResult } from './gate/result.ts'
export {
  type AdmissionJudgement,
  type AdmissionRejection,
  type AdmissionRules,
  judgeAdmission,
} from './judge-admission.ts'
export { AdmissionKeysUnavailable } from './keys.ts'
export { rejectionResponse } from './rejection-response.ts'
export { type AdmissionContext, requireAdmission } from './require-admission.ts'
export type { InvalidCause } from './token-verdict.ts'
export {
  type AdmissionVerdict,
  type AdmissionVerifier,
  type AdmissionVerifierOptions,
  createAdmissionVerifier,
} from './verifier.ts'
