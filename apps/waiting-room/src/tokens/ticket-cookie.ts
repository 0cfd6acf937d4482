import { cookieValues, setCookie } from '@floodgate/http'
import { isHttps } from './buyer-cookie.ts'
import type { SignedToken } from './tickets.ts'

/** The ticket in a cookie of its sale: a closed tab keeps its place when Redis is lost. */
export interface TicketCookie {
  /** Returns the tokens in a `Cookie` header, none of them verified; of several sales when a client ignores paths. */
  tokens(header: string | undefined): readonly string[]
  /** `framed`: for a sale that another site may show in a frame. */
  write(sale: string, signed: SignedToken, options?: { readonly framed: boolean }): string
  /** Returns two when the sale is framed: the browser may have got one before. */
  clear(sale: string, options?: { readonly framed: boolean }): readonly string[]
}

/** Creates the cookie. Over https its prefix is `__Secure-`; `__Host-` would forbid the path. */
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
