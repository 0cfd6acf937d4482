import type { RouteContract } from '@floodgate/contracts'
import { AppError } from '@floodgate/runtime'
import { z } from 'zod'
import { EMPTY_BODY } from '../requests/json-body.ts'
import type { ResponseParts } from '../responses/response-parts.ts'
import type { Reply, Route, RouteHandler, RouteRequest } from './route.ts'

function reply(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): ResponseParts {
  if (body === undefined) return { status, headers, body: null }
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
}

/** Binds a handler to a declared route. */
export function handle<Contract extends RouteContract>(contract: Contract, handler: RouteHandler<Contract>): Route {
  const { method, path, request } = contract
  const declared = request?.body?.content['application/json'].schema
  return {
    contract,
    method: method.toUpperCase(),
    path: path.replace(/\{(\w+)\}/g, ':$1'),
    parameterNames: Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = '']) => name),
    bodySchema: declared instanceof z.ZodType ? declared : EMPTY_BODY,
    body: request?.body?.required === true ? 'json' : undefined,
    handle: (given) => handler(given as RouteRequest<Contract>, reply as Reply<Contract>),
  }
}

/** Rejects an ordinary request for the address of a socket. */
export function rejectWithoutUpgrade(contract: RouteContract): Route {
  return handle(contract, function rejectOrdinaryRequest() {
    throw new AppError('upgrade-required', { headers: { upgrade: 'websocket' } })
  })
}
