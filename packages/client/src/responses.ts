import {
  type ProblemBody,
  problemBody,
  problemType,
  type ResponseBody,
  type RouteContract,
  type SuccessStatus,
} from '@floodgate/contracts'
import { z } from 'zod'
import type { Received } from './send.ts'

type Success<Contract extends RouteContract> = {
  [Status in SuccessStatus<Contract>]: Received & {
    readonly kind: 'success'
    readonly status: Status
    readonly body: ResponseBody<Contract, Status>
  }
}[SuccessStatus<Contract>]

interface ProblemResponse extends Received {
  readonly kind: 'problem'
  readonly problem: ProblemBody
}

/** A response of this route: a declared one with its body by the schema, or a problem. */
export type RouteResponse<Contract extends RouteContract> = Success<Contract> | ProblemResponse

/** An unexpected response: a problem, or one that breaks the contract. */
export class UnexpectedResponse extends Error {
  readonly received: Received
  readonly problem: ProblemBody | undefined

  constructor(received: Received, what: string, problem?: ProblemBody) {
    super(`${received.request} returned ${received.status}, ${what}: ${received.text.slice(0, 600)}`)
    this.name = 'UnexpectedResponse'
    this.received = received
    this.problem = problem
  }
}

/** Parses a response as its route declares it. Throws {@link UnexpectedResponse} for one that breaks the contract. */
export function readResponse<Contract extends RouteContract>(
  contract: Contract,
  received: Received,
): RouteResponse<Contract> {
  const declared = contract.responses[received.status]
  if (declared === undefined)
    return {
      ...received,
      kind: 'problem',
      problem: problemOf(received),
    } satisfies ProblemResponse as RouteResponse<Contract>
  const schema = declared.content?.['application/json'].schema
  const body = schema instanceof z.ZodType ? parse(schema, received) : undefined
  return { ...received, kind: 'success', body } as unknown as RouteResponse<Contract>
}

/**
 * Returns the problem of a response (RFC 9457). Throws {@link UnexpectedResponse} for another body, or a problem that
 * contradicts itself.
 */
export function problemOf(received: Received): ProblemBody {
  if (received.headers.get('content-type') !== 'application/problem+json')
    throw new UnexpectedResponse(received, 'which is no problem')
  const problem = parse(problemBody, received)
  if (problem.type !== problemType(problem.code) || problem.status !== received.status)
    throw new UnexpectedResponse(received, 'whose members contradict each other')
  return problem
}

/** A response of any route. */
export type AnyResponse = (Received & { readonly kind: 'success'; readonly body: unknown }) | ProblemResponse

/** Returns the body of a success. Throws {@link UnexpectedResponse} for a problem, and for 304, which has no body. */
export async function bodyOf<Response extends AnyResponse>(response: Response | Promise<Response>) {
  const settled: AnyResponse = await response
  if (settled.kind === 'problem') throw new UnexpectedResponse(settled, settled.problem.code, settled.problem)
  if (settled.status === 304) throw new UnexpectedResponse(settled, 'which has no body')
  return settled.body as Exclude<Response, ProblemResponse | { readonly status: 304 }>['body']
}

function parse<Schema extends z.ZodType>(schema: Schema, received: Received): z.output<Schema> {
  let json: unknown
  try {
    json = JSON.parse(received.text)
  } catch {
    throw new UnexpectedResponse(received, 'which is no JSON')
  }
  const parsed = schema.safeParse(json)
  if (!parsed.success) throw new UnexpectedResponse(received, `which breaks its contract: ${parsed.error.message}`)
  return parsed.data
}
