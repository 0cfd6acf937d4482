import { isForOperators, type RequestInput, type RouteContract } from '@floodgate/contracts'
import { type RouteResponse, readResponse } from './responses.ts'
import type { Outgoing, Send } from './send.ts'

interface Common {
  /** A ticket, an admission or the token of a mail's link. */
  readonly bearer?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** The input of a call of this route. */
export type RouteInput<Contract extends RouteContract> = RequestInput<Contract> & Common

type InputArguments<Contract extends RouteContract> =
  Record<never, never> extends RouteInput<Contract> ? [input?: RouteInput<Contract>] : [input: RouteInput<Contract>]

/**
 * One function per route. Each throws without a response, or for one that breaks the contract, and returns a problem.
 */
export type Client<Routes extends Readonly<Record<string, RouteContract>>> = {
  readonly [Name in keyof Routes]: (...input: InputArguments<Routes[Name]>) => Promise<RouteResponse<Routes[Name]>>
}

export interface ClientOptions {
  readonly send: Send
  /** Sent only to routes declared for operators. */
  readonly adminToken?: string
}

/** Creates a client for the routes of one app, as declared in the contracts. */
export function createClient<Routes extends Readonly<Record<string, RouteContract>>>(
  routes: Routes,
  { send, adminToken }: ClientOptions,
): Client<Routes> {
  const calls = Object.entries(routes).map(([name, contract]) => {
    const token = isForOperators(contract.auth) ? adminToken : undefined
    async function call(input: Input = {}): Promise<RouteResponse<RouteContract>> {
      const { method, path, ...outgoing } = requestOf(contract, { bearer: token, ...input })
      return readResponse(contract, await send(method, path, outgoing))
    }
    return [name, call]
  })
  return Object.fromEntries(calls)
}

/** The input of any route, as allowed by the types of {@link RouteInput}. */
interface Input extends Common {
  readonly params?: object
  readonly query?: object
  readonly headers?: object
  readonly body?: unknown
}

/** Returns the request of a route, for callers with their own transport. Pure. */
export function requestOf<Contract extends RouteContract>(
  contract: Contract,
  input: RouteInput<Contract>,
): Outgoing & { readonly method: string; readonly path: string } {
  const { params = {}, query = {}, headers = {}, body, bearer, signal }: Input = input
  const asked = new URLSearchParams(definedIn(query)).toString()
  return {
    method: contract.method.toUpperCase(),
    path: `${pathOf(contract.path, params)}${asked === '' ? '' : `?${asked}`}`,
    headers: { ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }), ...definedIn(headers) },
    ...(body !== undefined && { body }),
    signal,
  }
}

/** Throws for a parameter that a URL parser would resolve to another path. */
function pathOf(path: string, params: object): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(params[name as keyof object])
    if (value === '' || value === '.' || value === '..') throw new TypeError(`"${value}" is no ${name} for ${path}.`)
    return encodeURIComponent(value)
  })
}

function definedIn(values: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  )
}
