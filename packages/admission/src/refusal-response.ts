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
    detail: 'The admission was not issued by the waiting room, or not for this.',
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
    title: 'A part this needs is not available',
    detail: 'Admissions cannot be checked at the moment; nothing is wrong with yours.',
    retryable: true,
  },
}

const RETRY_AFTER_SECONDS = 2

/** A refusal as `application/problem+json` (RFC 9457), in the shape that every part of Floodgate answers. */
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
