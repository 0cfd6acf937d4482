import { AdmissionKeysUnavailable, type AdmissionVerifier } from '@floodgate/admission'
import type { Logger } from '@floodgate/runtime'
import { Counter, type Registry } from 'prom-client'

const WARNING_MS = 60_000

export interface WatchedVerifier {
  readonly verifier: AdmissionVerifier
  /** Counts an order that was rejected because its admission has expired by this process' clock. */
  countEnded(): void
}

/**
 * Counts rejected admissions by cause, and warns of each cause once a minute: an issuer, audience or key set that
 * differs from the waiting room's rejects every buyer, who cannot know why.
 */
export function watchAdmissions(
  verifier: AdmissionVerifier,
  {
    expected,
    log,
    metrics,
  }: {
    readonly expected: { readonly issuer: string; readonly audience: string; readonly jwksUrl: string }
    readonly log: Pick<Logger, 'warn'>
    readonly metrics: Registry
  },
): WatchedVerifier {
  const rejected = new Counter({
    name: 'floodgate_passes_refused_total',
    help: 'Rejected admissions, by cause; expired: orders whose admission had expired',
    labelNames: ['cause'],
    registers: [metrics],
  })
  // A series that begins at its first event shows no increase: alerts need the zero before it.
  for (const cause of ['issuer', 'audience', 'keys-unavailable']) rejected.inc({ cause }, 0)
  const warnedAtMs = new Map<string, number>()

  function note(cause: string, reason: unknown): void {
    rejected.inc({ cause })
    const nowMs = performance.now()
    if (nowMs - (warnedAtMs.get(cause) ?? Number.NEGATIVE_INFINITY) < WARNING_MS) return
    warnedAtMs.set(cause, nowMs)
    log.warn({ cause, reason, expected }, 'admission rejected')
  }

  return {
    verifier: {
      verify: async (token) => {
        try {
          const verification = await verifier.verify(token)
          if (verification.kind === 'invalid') note(verification.cause, verification.reason)
          return verification
        } catch (error) {
          if (error instanceof AdmissionKeysUnavailable) note('keys-unavailable', String(error.cause))
          throw error
        }
      },
    },
    countEnded: () => rejected.inc({ cause: 'expired' }),
  }
}
