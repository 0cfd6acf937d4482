import type { RouteContract } from '@floodgate/contracts'
import { parseOrThrow } from './invalid-request.ts'

/** Parses the path parameters or the query as the route declares them. */
export function parsePart(contract: RouteContract, part: 'params' | 'query', value: unknown): unknown {
  const schema = contract.request?.[part]
  if (schema === undefined) throw new TypeError(`${contract.method} ${contract.path} declares no ${part}.`)
  return parseOrThrow(schema, value)
}
