import type { GateRequest } from './request.ts'
import { asciiTarget, readTarget } from './target.ts'

/** The line accepts 2,000; some are left for the mark of a rejection. */
const RETURN_CHARACTERS_MAX = 1_950

/**
 * Computes the URL that the line sends the buyer back to: the requested one, without its query if it is too long for the
 * line. A form that was sent cannot be sent again by a redirect, so its way back is the page with the form (`Referer` of
 * the same origin), else the first page.
 */
export function returnUrlOf(request: GateRequest, origin: string | undefined, clean: string): string | undefined {
  if (origin === undefined) return undefined
  const target = request.method === 'GET' ? clean : (formTarget(request, origin) ?? '/')
  const fitting = [target, target.replace(/\?.*$/, ''), '/'].find(
    (one) => one.length + origin.length <= RETURN_CHARACTERS_MAX,
  )
  return fitting === undefined ? undefined : `${origin}${fitting}`
}

const formTarget = (request: GateRequest, origin: string): string | undefined => {
  const referer = request.header('referer')
  if (!referer?.startsWith(`${origin}/`)) return undefined
  return asciiTarget(readTarget(referer.slice(origin.length).replace(/#.*$/, '')).clean)
}
