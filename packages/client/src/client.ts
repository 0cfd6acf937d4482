import { isForOperators, type RequestInput, type RouteContract } from '@floodgate/contracts'
import { type RouteResponse, readResponse } from './responses.ts'
import type { Outgoing, Send } from './send.ts'

interface Common {
  /** A ticket, an admission or the token of a mail's link. */
  readonly bearer?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a call of this route takes. */
export type RouteInput<Contract extends RouteContract> = RequestInput<Contract> & Common

type InputArguments<Contract extends RouteContract> =
  Record<never, never> extends RouteInput<Contract> ? [input?: RouteInput<Contract>] : [input: RouteInput<Contract>]

/** One function per route. Each throws where there is no response, or one that breaks the contract; a problem is returned. */
export type Client<Routes extends Readonly<Record<string, RouteContract>>> = {
  readonly [Name in keyof Routes]: (...input: InputArguments<Routes[Name]>) => Promise<RouteResponse<Routes[Name]>>
}

export interface ClientOptions {
  readonly send: Send
  /** Sent with what is declared for operators, and with nothing else. */
  readonly adminToken?: string
}

/** Calls the routes of one app, as the records in the contracts declare them. */
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

/** An input of any route: what the types of {@link RouteInput} have allowed. */
interface Input extends Common {
  readonly params?: object
  readonly query?: object
  readonly headers?: object
  readonly body?: unknown
}

/** The request of a route, for callers with a transport of their own. Pure. */
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

function pathOf(path: string, params: object): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name as keyof object])))
}

function definedIn(values: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  )
}
