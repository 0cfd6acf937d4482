import { headersOf, type ProblemCode, type Problems, problemKinds, type RouteContract } from '@floodgate/contracts'
import { BODY_BYTES_MAX } from '../requests/json-body.ts'

/** Problems that any request may get: from the listener, the guard, the time limit, or an internal fault. */
const OF_EVERY_ROUTE: Problems = {
  'invalid-request': true,
  'request-timeout': true,
  'headers-too-large': true,
  internal: true,
  busy: true,
  unavailable: true,
}
/** Replaces the title in the descriptions of these problems. */
const TEXTS: { readonly [Code in ProblemCode]?: string } = {
  'invalid-request': '`errors` names each fault; without it the request was not HTTP',
  'too-large': `The body is longer than ${BODY_BYTES_MAX} bytes`,
}
const OF_OPERATORS: Problems = {
  unauthorized: true,
  'role-too-low': 'the token has a lower role than `security` names',
  'too-many-requests': 'wrong tokens from this address',
}

const RETRY_AFTER = { 'Retry-After': 'Seconds until a repetition may succeed' }
const RATE_LIMIT = {
  RateLimit: 'The rest of the limit (IETF draft-ietf-httpapi-ratelimit-headers)',
  'RateLimit-Policy': 'The limit',
}
const UNAUTHENTICATED = { 'WWW-Authenticate': '`Bearer`' }
const HEADERS: { readonly [Code in ProblemCode]?: Readonly<Record<string, string>> } = {
  'sale-not-open': RETRY_AFTER,
  'sold-out': RETRY_AFTER,
  'order-exists': { Location: 'The path of that order' },
  'upgrade-required': { Upgrade: '`websocket`' },
  'too-many-requests': { ...RETRY_AFTER, ...RATE_LIMIT },
  'too-many-sockets': RETRY_AFTER,
  'line-full': RETRY_AFTER,
  busy: RETRY_AFTER,
  unavailable: RETRY_AFTER,
}

const SPECIAL_PROBLEMS = { 'sold-out': 'SoldOutProblem', 'price-changed': 'PriceChangedProblem' } as const
export type SpecialProblem = (typeof SPECIAL_PROBLEMS)[keyof typeof SPECIAL_PROBLEMS]

/** Returns the name of the schema for a problem with members that clients act on; undefined for the others. */
export function specialProblemOf(code: string): SpecialProblem | undefined {
  return (SPECIAL_PROBLEMS as Readonly<Record<string, SpecialProblem>>)[code]
}

interface PossibleProblem {
  readonly code: ProblemCode
  /** Undefined where the title is enough. */
  readonly why: string | undefined
}

/** A response of one status. `name`: of the component, where other operations have an identical one. */
export interface ProblemResponse {
  readonly status: number
  readonly name: string | undefined
  readonly response: {
    readonly description: string
    readonly headers?: ReturnType<typeof headersOf>
    readonly content: { readonly 'application/problem+json': { readonly schema: object } }
  }
}

/** Returns the problems of a route: its own, and those implied by its kind. */
export function problemsOf({ request, auth, problems, bodyBytesMax }: RouteContract): Problems {
  return {
    ...OF_EVERY_ROUTE,
    ...(request?.body !== undefined && ofBodies(bodyBytesMax)),
    ...(auth.includes('operator') && OF_OPERATORS),
    ...problems,
  }
}

const ofBodies = (bytesMax: number | undefined): Problems => ({
  'too-large': bytesMax === undefined ? true : `above ${bytesMax} bytes`,
  'wrong-media-type': true,
})

/** Returns the responses for all problems of a route, one per status. */
export function problemResponses(route: RouteContract): readonly ProblemResponse[] {
  const byStatus = new Map<number, PossibleProblem[]>()
  for (const [code, reason] of Object.entries(problemsOf(route)) as [ProblemCode, Problems[ProblemCode]][]) {
    const isElsewhere = typeof reason === 'object'
    const status = isElsewhere ? reason.status : problemKinds[code].status
    const why = isElsewhere ? reason.why : typeof reason === 'string' ? reason : undefined
    byStatus.set(status, [...(byStatus.get(status) ?? []), { code, why }])
  }
  return [...byStatus].sort(([one], [other]) => one - other).map(([status, problems]) => responseOf(status, problems))
}

function responseOf(status: number, problems: readonly PossibleProblem[]): ProblemResponse {
  const codes = problems.map(({ code }) => code)
  const headers: Record<string, string> = Object.assign(
    status === 401 ? { ...UNAUTHENTICATED } : {},
    ...codes.map((code) => HEADERS[code] ?? {}),
  )
  return {
    status,
    name: problems.every(({ why }) => why === undefined) ? [status, ...codes].join('.') : undefined,
    response: {
      description: problems
        .map(({ code, why }) => `\`${code}\`: ${why ?? TEXTS[code] ?? problemKinds[code].title}`)
        .join('\n\n'),
      ...(Object.keys(headers).length > 0 && { headers: headersOf(headers) }),
      content: { 'application/problem+json': { schema: schemaOf(status, codes) } },
    },
  }
}

/** Returns the schema of a problem with one of the codes, and the members of each code. */
function schemaOf(status: number, codes: readonly ProblemCode[]): object {
  const special = codes.flatMap((code) => specialProblemOf(code) ?? [])
  const others = codes.filter((code) => specialProblemOf(code) === undefined)
  const plain = {
    allOf: [
      { $ref: '#/components/schemas/Problem' },
      { type: 'object', properties: { code: { enum: others }, status: { const: status } } },
    ],
  }
  if (special.length === 0) return plain
  const named = special.map((name) => ({ $ref: `#/components/schemas/${name}` }))
  return { anyOf: [...named, ...(others.length > 0 ? [plain] : [])] }
}
