import { problemOf, type RejectionCode } from '../rejection-response.ts'
import type { Decision, Reason } from './decide.ts'
import { type PageOf, renderPage } from './page.ts'

export type GateHeader = readonly [name: string, value: string]

/** The response that the shop sends instead of its own. */
export interface GateResponse {
  readonly status: number
  readonly headers: readonly GateHeader[]
  readonly body: string
}

/** The parts of a response, besides the decision. */
export interface ResponseParts {
  readonly lineUrl: string | undefined
  /** Path and query without the gate's parameters, safe in a header. */
  readonly cleanUrl: string
  readonly checkUrl: string
  readonly traceparent: string | undefined
  readonly page: PageOf | undefined
}

const CODES: Readonly<Partial<Record<Reason, RejectionCode>>> = {
  missing: 'admission-missing',
  expired: 'admission-expired',
  revoked: 'admission-revoked',
  used: 'order-exists',
  'keys-unavailable': 'unavailable',
  'revocations-unavailable': 'unavailable',
  'slots-unavailable': 'unavailable',
  'waiting-room-unavailable': 'unavailable',
}

const MISSING = 'Join the line at `location` first.'
const NO_STORE: GateHeader = ['cache-control', 'no-store']

/** Returns the response of a decision; undefined where the shop responds. */
export function respond(decision: Decision, parts: ResponseParts): GateResponse | undefined {
  switch (decision.kind) {
    case 'to-line':
      return redirect(parts.lineUrl ?? parts.cleanUrl)
    case 'to-clean':
      return redirect(decision.check ? parts.checkUrl : parts.cleanUrl)
    case 'problem':
      return problem(decision.reason, parts)
    case 'page':
      return pageOf(decision.reason, parts)
    default:
      return undefined
  }
}

const redirect = (location: string): GateResponse => ({
  status: 303,
  headers: [['location', location], NO_STORE, ['referrer-policy', 'no-referrer']],
  body: '',
})

const problem = (reason: Reason, { lineUrl, traceparent }: ResponseParts): GateResponse => {
  const { status, headers, body } = problemOf(CODES[reason] ?? 'admission-invalid', traceparent)
  const location: GateHeader[] = lineUrl === undefined ? [] : [['location', lineUrl]]
  return {
    status,
    headers: [...headers, ...location, ['access-control-expose-headers', 'location, floodgate-gate']],
    body: JSON.stringify({ ...body, ...(reason === 'missing' && { detail: MISSING }), location: lineUrl }),
  }
}

const pageOf = (reason: Reason, { lineUrl, cleanUrl, page = renderPage }: ResponseParts): GateResponse => {
  const { status, headers } = problemOf(CODES[reason] ?? 'admission-invalid', undefined)
  return {
    // 401 would ask for credentials that no page can send.
    status: status === 401 ? 403 : status,
    headers: [
      ['content-type', 'text/html; charset=utf-8'],
      NO_STORE,
      ['referrer-policy', 'no-referrer'],
      ['content-security-policy', "default-src 'none'; base-uri 'none'; form-action 'none'"],
      ...headers.filter(([name]) => name === 'retry-after'),
    ],
    body: page({ reason, lineUrl, retryUrl: cleanUrl }),
  }
}
