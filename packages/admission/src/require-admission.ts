import type { Admission } from './admission.ts'
import { type AdmissionRules, judgeAdmission } from './judge-admission.ts'
import { rejectionResponse } from './rejection-response.ts'
import type { AdmissionVerifier } from './verifier.ts'

/**
 * The parts of a request's context that the middleware needs; Hono's has them. Declared here, so that this package
 * needs no framework.
 */
export interface AdmissionContext {
  readonly req: { header(name: string): string | undefined }
  set(key: 'admission', value: Admission): void
}

/**
 * Creates Hono middleware that lets only admitted buyers pass: `app.use(requireAdmission(verifier))`. Later handlers
 * read the admission by `c.get('admission')`. Rejections are problem+json: 401 `admission-missing`, `admission-invalid`
 * or `admission-expired`, and 503 `unavailable` when the keys cannot be fetched.
 */
export function requireAdmission(verifier: AdmissionVerifier, rules: AdmissionRules = {}) {
  return async function requireAdmissionOfBearer(
    c: AdmissionContext,
    next: () => Promise<void>,
  ): Promise<Response | undefined> {
    const judgement = await judgeAdmission(verifier, c.req.header('authorization'), rules)
    if (judgement.kind === 'rejected') return rejectionResponse(judgement.code, c.req.header('traceparent'))
    c.set('admission', judgement.admission)
    await next()
    return undefined
  }
}
