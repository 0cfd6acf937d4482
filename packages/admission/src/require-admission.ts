import type { Admission } from './admission.ts'
import { type AdmissionRules, judgeAdmission } from './judge-admission.ts'
import { refusalResponse } from './refusal-response.ts'
import type { AdmissionVerifier } from './verifier.ts'

/** What the middleware needs of a request's context; Hono's has it. Written out, so that this package needs no framework. */
export interface AdmissionContext {
  readonly req: { header(name: string): string | undefined }
  set(key: 'admission', value: Admission): void
}

/**
 * Hono middleware that lets only admitted buyers pass: `app.use(requireAdmission(verifier))`. Behind it
 * `c.get('admission')` tells who it is. It answers what it refuses by itself, as problem+json: 401 `admission-missing`,
 * `admission-invalid` or `admission-expired`, and 503 `unavailable` when the keys can't be fetched.
 */
export function requireAdmission(verifier: AdmissionVerifier, rules: AdmissionRules = {}) {
  return async function requireAdmissionOfBearer(
    c: AdmissionContext,
    next: () => Promise<void>,
  ): Promise<Response | undefined> {
    const judgement = await judgeAdmission(verifier, c.req.header('authorization'), rules)
    if (judgement.kind === 'refused') return refusalResponse(judgement.code, c.req.header('traceparent'))
    c.set('admission', judgement.admission)
    await next()
    return undefined
  }
}
