import type { KeySource } from '../keys.ts'
import { verifyToken } from '../verify-token.ts'
import type { Decision, Facts } from './decide.ts'
import type { PassVerdict } from './pass.ts'
import type { GateResponse } from './respond.ts'

const LIFETIME_SECONDS_MAX = 15 * 60

export interface DiagnosisRules {
  readonly keys: KeySource
  readonly issuer: string
  readonly audience: string
  readonly sale: string | undefined
  readonly nowMs: number
}

/** Tells whether the token permits a diagnosis of this sale. Never throws. */
export async function permitsDiagnosis(token: string | undefined, rules: DiagnosisRules): Promise<boolean> {
  if (token === undefined) return false
  try {
    const { keys, issuer, audience, sale, nowMs } = rules
    const verdict = await verifyToken(token, {
      kind: 'diagnosis',
      findKey: keys.findKey,
      issuer,
      audience,
      clockToleranceSeconds: 0,
      nowMs,
    })
    if (verdict.kind !== 'valid') return false
    const { iat, exp, sale: own } = verdict.claims
    if (typeof iat !== 'number' || typeof exp !== 'number' || exp - iat > LIFETIME_SECONDS_MAX) return false
    return typeof own === 'string' && (sale === undefined || sale === own)
  } catch {
    return false
  }
}

export interface Diagnosed {
  readonly facts: Facts
  readonly decision: Decision
  readonly verdict: PassVerdict
  readonly keys: KeySource
  readonly probeUrl: string
  now(): number
  fetch(url: string, init: RequestInit): Promise<Response>
  /** Further facts: origin, URLs, cookie, revocations. */
  readonly more: Readonly<Record<string, unknown>>
}

/** Creates the response of a diagnosis: what the gate saw and would have done. It changes nothing. */
export async function diagnose(diagnosed: Diagnosed): Promise<GateResponse> {
  const { facts, decision, verdict, keys, now, more } = diagnosed
  const { diagnosis: _, ...shown } = facts
  const body = {
    now: new Date(now()).toISOString(),
    clock: await compareClocks(diagnosed),
    keys: keys.seen(),
    ...more,
    pass:
      verdict.kind === 'valid' || verdict.reason === 'expired'
        ? { verdict: verdict.kind, slot: verdict.pass.slot, sale: verdict.pass.sale, endsAt: verdict.pass.endsAt }
        : { verdict: verdict.kind, reason: verdict.reason, detail: verdict.detail },
    facts: shown,
    decision,
  }
  return {
    status: 200,
    headers: [
      ['content-type', 'application/json'],
      ['cache-control', 'no-store'],
    ],
    body: `${JSON.stringify(body, null, 2)}\n`,
  }
}

/** Compares this machine's clock with the `Date` of the waiting room, which counts whole seconds. */
const compareClocks = async ({ fetch, probeUrl, now }: Diagnosed): Promise<object> => {
  const startedAtMs = now()
  try {
    const response = await fetch(probeUrl, { headers: { 'cache-control': 'no-cache' } })
    await response.body?.cancel()
    const tripMs = now() - startedAtMs
    const theirsMs = Date.parse(response.headers.get('date') ?? '')
    if (Number.isNaN(theirsMs)) return { error: 'no date' }
    // The middle of the trip, and of the second that the header names.
    const aheadSeconds = (startedAtMs + tripMs / 2 - theirsMs - 500) / 1_000
    return { aheadSeconds: Math.round(aheadSeconds * 10) / 10, uncertainSeconds: 0.5 + tripMs / 2_000 }
  } catch (error) {
    return { error: error instanceof Error ? error.name : 'unreachable' }
  }
}
