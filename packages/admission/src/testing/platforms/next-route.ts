import { readPass } from '@floodgate/admission/next'
import { gateOf, shopPage } from './handler.ts'

/** A route handler of Next on every path. */
async function show(request: Request): Promise<Response> {
  if (new URL(request.url).pathname === '/livez') return new Response('live')
  const verdict = await readPass(gateOf(request.headers), request.headers)
  return shopPage(verdict.kind === 'valid' ? verdict.pass : undefined)
}

export { show as GET, show as HEAD, show as OPTIONS, show as POST }
