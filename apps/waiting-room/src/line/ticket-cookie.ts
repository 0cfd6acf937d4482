import { cookieValues, setCookie } from '@floodgate/service'
import { isHttps } from './buyer-cookie.ts'
import type { SignedToken } from './tickets.ts'

/** The ticket in a cookie of its sale alone: a closed tab loses nothing when Redis does. */
export interface TicketCookie {
  /** The tokens in a `Cookie` header, none of them verified; of several sales when a client ignores paths. */
  readonly tokens: (header: string | undefined) => readonly string[]
  readonly write: (sale: string, signed: SignedToken) => string
  readonly clear: (sale: string) => string
}

/** Over https with the prefix `__Secure-`; `__Host-` would forbid the path. */
export function createTicketCookie({ publicUrl }: { readonly publicUrl: string }): TicketCookie {
  const secure = isHttps(publicUrl)
  const name = secure ? '__Secure-floodgate-ticket' : 'floodgate-ticket'
  const attributes = (sale: string, maxAgeSeconds: number) => ({ path: `/sales/${sale}`, maxAgeSeconds, secure })
  return {
    tokens: (header) => cookieValues(header, name),
    write: (sale, { token, maxAgeSeconds }) => setCookie(name, token, attributes(sale, maxAgeSeconds)),
    clear: (sale) => setCookie(name, '', attributes(sale, 0)),
  }
}
