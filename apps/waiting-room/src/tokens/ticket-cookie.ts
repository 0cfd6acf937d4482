import { cookieValues, setCookie } from '@floodgate/http'
import { isHttps } from './buyer-cookie.ts'
import type { SignedToken } from './tickets.ts'

/** The ticket in a cookie of its sale alone: a closed tab loses nothing when Redis does. */
export interface TicketCookie {
  /** The tokens in a `Cookie` header, none of them verified; of several sales when a client ignores paths. */
  tokens(header: string | undefined): readonly string[]
  /** `framed`: of a sale that another site may show in a frame. */
  write(sale: string, signed: SignedToken, options?: { readonly framed: boolean }): string
  /** Two when the sale is framed: the browser may have got one before it was. */
  clear(sale: string, options?: { readonly framed: boolean }): readonly string[]
}

/** Over https with the prefix `__Secure-`; `__Host-` would forbid the path. */
export function createTicketCookie({ publicUrl }: { readonly publicUrl: string }): TicketCookie {
  const secure = isHttps(publicUrl)
  const name = secure ? '__Secure-floodgate-ticket' : 'floodgate-ticket'
  const attributes = (sale: string, maxAgeSeconds: number, partitioned: boolean) => ({
    path: `/sales/${sale}`,
    maxAgeSeconds,
    secure,
    partitioned,
  })
  return {
    tokens: (header) => cookieValues(header, name),
    write: (sale, { token, maxAgeSeconds }, { framed } = { framed: false }) =>
      setCookie(name, token, attributes(sale, maxAgeSeconds, framed)),
    clear: (sale, { framed } = { framed: false }) =>
      (framed && secure ? [false, true] : [false]).map((partitioned) =>
        setCookie(name, '', attributes(sale, 0, partitioned)),
      ),
  }
}
