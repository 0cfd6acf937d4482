import type { AdmissionRefusal } from './judge-admission.ts'

interface RefusalKind {
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly retryable: boolean
}

const refusals: Readonly<Record<AdmissionRefusal, RefusalKind>> = {
  'admission-missing': {
    status: 401,
    title: 'An admission is required',
    detail: 'Send the admission from the waiting room as "Authorization: Bearer <admission>".',
    retryable: false,
  },
  'admission-invalid': {
    status: 401,
    title: 'The admission is not valid',
    detail: 'The waiting room did not issue the admission, or issued it for another audience.',
    retryable: false,
  },
  'admission-expired': {
    status: 401,
    title: 'The admission has ended',
    detail: 'The waiting room says whether another one can be had.',
    retryable: false,
  },
  unavailable: {
    status: 503,
    title: 'A service this needs is not available',
    detail: 'Admissions cannot be checked at the moment; nothing is wrong with yours.',
    retryable: true,
  },
}

const RETRY_AFTER_SECONDS = 2

/**
 * Creates the `application/problem+json` response (RFC 9457) of a rejection, in the shape of every Floodgate problem.
 */
export function refusalResponse(code: AdmissionRefusal, traceparent?: string | null): Response {
  const { status, title, detail, retryable } = refusals[code]
  const body = { type: `urn:floodgate:problem:${code}`, code, title, status, detail, retryable }
  return new Response(JSON.stringify({ ...body, traceId: traceIdOf(traceparent) ?? newTraceId() }), {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(status === 401
        ? { 'www-authenticate': code === 'admission-missing' ? 'Bearer' : 'Bearer error="invalid_token"' }
        : { 'retry-after': String(RETRY_AFTER_SECONDS) }),
    },
  })
}

/** W3C Trace Context §3.2. */
const traceIdOf = (traceparent: string | null | undefined) =>
  /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceparent ?? '')?.[1]

const newTraceId = () => globalThis.crypto.randomUUID().replaceAll('-', '')
