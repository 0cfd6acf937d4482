import { AdmissionKeysUnavailable, type KeySource } from '../keys.ts'
import type { AdmissionVerifier } from '../verifier.ts'
import { verifyToken } from '../verify-token.ts'
import { judgePass, type PassRules, type PassVerdict } from './pass.ts'

export interface HandoverRules extends PassRules {
  readonly keys: KeySource
  readonly issuer: string
  /** The origin that the buyer's browser sees; the handover must be for it. */
  readonly origin: string | undefined
}

/**
 * Judges the value of the gate's parameter: an admission and, after its third dot, a handover for this origin and this slot.
 * The handover lives for a minute, so that a URL from a history or a log is worth nothing. Returns a verdict for
 * every text.
 */
export async function judgeHandover(
  verifier: AdmissionVerifier,
  value: string,
  rules: HandoverRules,
): Promise<PassVerdict> {
  const parts = value.split('.')
  if (parts.length !== 6) return { kind: 'rejected', reason: 'malformed', detail: 'not two tokens' }
  const verdict = await judgePass(verifier, parts.slice(0, 3).join('.'), rules)
  if (verdict.kind !== 'valid') return verdict
  if (rules.origin === undefined) return { kind: 'rejected', reason: 'handover-origin', detail: 'no usable host' }
  const { pass } = verdict
  try {
    const handover = await verifyToken(parts.slice(3).join('.'), {
      kind: 'handover',
      findKey: rules.keys.findKey,
      issuer: rules.issuer,
      audience: rules.origin,
      clockToleranceSeconds: rules.clockToleranceSeconds,
      nowMs: rules.nowMs,
    })
    if (handover.kind === 'expired') return { kind: 'rejected', reason: 'handover-expired' }
    if (handover.kind === 'invalid') {
      const reason = handover.cause === 'audience' ? 'handover-origin' : 'handover-invalid'
      return { kind: 'rejected', reason, detail: handover.reason }
    }
    const { jti, sub, sale } = handover.claims
    const isOfPass = jti === pass.slot && sub === pass.buyer && sale === pass.sale
    return isOfPass ? verdict : { kind: 'rejected', reason: 'handover-slot' }
  } catch (error) {
    if (error instanceof AdmissionKeysUnavailable) return { kind: 'rejected', reason: 'keys-unavailable' }
    throw error
  }
}
