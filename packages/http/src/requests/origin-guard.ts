import type { IncomingHttpHeaders } from 'node:http'
import { AppError } from '@floodgate/runtime'

/**
 * Throws `origin-refused` for a state-changing request that another site made a browser send with this site's cookies.
 */
export type RejectForeignOrigin = (headers: IncomingHttpHeaders) => void

/**
 * This site's origins are that of `publicUrl` and the host that the request was sent to; `allowedOrigins` are accepted,
 * too. A browser sends `Origin` with every POST and DELETE, and `Sec-Fetch-Site` over https and to localhost; a client
 * that sends neither is not a browser. A request with `Authorization` passes: another site cannot add it without a CORS
 * preflight.
 */
export function createOriginGuard(options: {
  readonly publicUrl: string
  readonly allowedOrigins: readonly string[]
}): RejectForeignOrigin {
  const own = new URL(options.publicUrl).origin
  return function rejectForeignOrigin(headers) {
    if (headers.authorization !== undefined) return
    const { origin, host } = headers
    if (origin !== undefined && options.allowedOrigins.includes(origin)) return
    const isOwn = origin === undefined || origin === own || (URL.canParse(origin) && new URL(origin).host === host)
    if (!isOwn || headers['sec-fetch-site'] === 'cross-site')
      throw new AppError('origin-refused', { detail: 'A page of another site cannot do this for a buyer.' })
  }
}
