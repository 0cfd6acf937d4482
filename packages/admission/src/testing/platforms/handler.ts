import { createGate, type Gate, type Pass } from '@floodgate/admission'
import { floodgate } from '@floodgate/admission/fetch'
import { gateOptionsOf, SHOP_OPTIONS_HEADER } from '../shop-options.ts'

/** One program serves the shops of all tests: each request names its options, and each text of options has one gate. */
const gates = new Map<string, Gate>()

/** Returns the gate of a request. */
export function gateOf(headers: Pick<Headers, 'get'>): Gate {
  const text = headers.get(SHOP_OPTIONS_HEADER) ?? ''
  const gate = gates.get(text) ?? createGate(gateOptionsOf(JSON.parse(text)))
  gates.set(text, gate)
  return gate
}

/** Returns what each shop returns: which slot the gate let in. */
export function shopPage(pass: Pass | undefined): Response {
  return Response.json({ shop: true, slot: pass?.slot ?? null })
}

/** Serves a request by the fetch adapter. */
export function handle(request: Request): Response | Promise<Response> {
  if (new URL(request.url).pathname === '/livez') return new Response('live')
  return floodgate(gateOf(request.headers), (_, pass) => shopPage(pass))(request)
}
