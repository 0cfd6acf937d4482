import type { NextStep } from './next-step.ts'

/** Shorter methods identify no buyer, and may be part of any word. */
const METHOD_LENGTH_MIN = 4

/** Removes the payment method from a provider's message, which goes into records, events and logs. */
export function withoutMethod(step: NextStep, method: string): NextStep {
  if (method.length < METHOD_LENGTH_MIN) return step
  if (step.do === 'wait') return { ...step, detail: step.detail.replaceAll(method, '…') }
  if (step.do !== 'settle' || step.settlement.kind === 'approved') return step
  return { ...step, settlement: { ...step.settlement, reason: step.settlement.reason.replaceAll(method, '…') } }
}
