import type { AdmissionRejection } from './judge-admission.ts'

interface RejectionKind {
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly retryable: boolean
}

/** The codes of problems that this package returns; Floodgate's own services use the same. */
export type RejectionCode = AdmissionRejection | 'admission-revoked' | 'order-exists'

const kind = (status: number, title: string, detail: string, retryable = false): RejectionKind => ({
  status,
  title,
  detail,
  retryable,
})

const REJECTIONS: Readonly<Record<RejectionCode, RejectionKind>> = {
  'admission-missing': kind(
    401,
    'An admission is required',
    'Send the admission from the waiting room as "Authorization: Bearer <admission>".',
  ),
  'admission-invalid': kind(
    401,
    'The admission is not valid',
    'The waiting room did not issue the admission, or issued it for another audience.',
  ),
  'admission-expired': kind(401, 'The admission has ended', 'The waiting room says whether another one can be had.'),
  'admission-revoked': kind(401, 'The admission was given back', 'It starts no more orders.'),
  'order-exists': kind(409, 'This admission already has its order', 'An admission is for one order.'),
  unavailable: kind(
    503,
    'A service this needs is not available',
    'Admissions cannot be checked at the moment; nothing is wrong with yours.',
    true,
  ),
}

const RETRY_AFTER_SECONDS = 2

/** Creates the parts of a problem (RFC 9457), in the shape of every Floodgate problem. */
export function problemOf(code: RejectionCode, traceparent: string | null | undefined) {
  const { status, title, detail, retryable } = REJECTIONS[code]
  const headers: [string, string][] = [
    ['content-type', 'application/problem+json'],
    ['cache-control', 'no-store'],
  ]
  if (status === 401)
    headers.push(['www-authenticate', code === 'admission-missing' ? 'Bearer' : 'Bearer error="invalid_token"'])
  if (retryable) headers.push(['retry-after', String(RETRY_AFTER_SECONDS)])
  const traceId = traceIdOf(traceparent) ?? newTraceId()
  const body = { type: `urn:floodgate:problem:${code}`, code, title, status, detail, retryable, traceId }
  return { status, headers, body }
}

/** Creates the `application/problem+json` response of a rejection. */
export function rejectionResponse(code: AdmissionRejection, traceparent?: string | null): Response {
  const { status, headers, body } = problemOf(code, traceparent)
  return new Response(JSON.stringify(body), { status, headers })
}

/** W3C Trace Context §3.2. */
const traceIdOf = (traceparent: string | null | undefined) =>
  /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceparent ?? '')?.[1]

const newTraceId = () => globalThis.crypto.randomUUID().replaceAll('-', '')
