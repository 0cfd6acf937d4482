import type { NextStep } from './next-step.ts'

/** Shorter ones say nothing about a buyer, and may be part of any word. */
const METHOD_LENGTH_MIN = 4

/** Takes the payment method out of what a provider says: its words go into records, events and logs. */
export function withoutMethod(step: NextStep, method: string): NextStep {
  if (method.length < METHOD_LENGTH_MIN) return step
  if (step.do === 'wait') return { ...step, detail: step.detail.replaceAll(method, '…') }
  if (step.do !== 'settle' || step.settlement.kind === 'approved') return step
  return { ...step, settlement: { ...step.settlement, reason: step.settlement.reason.replaceAll(method, '…') } }
}
