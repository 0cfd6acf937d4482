import { isNavigation } from '@floodgate/http'
import { type Assets, languageHeaders, noPageDocument, type PageUrls, pageHeaders } from '@floodgate/pages'
import type { Languages } from '@floodgate/texts'
import type { Context, MiddlewareHandler } from 'hono'

/** The pages' own addresses with extra trailing slashes. */
const SLASHED = /^(\/(?:console|sales\/[^/]+(?:\/orders\/[^/]+)?))\/+$/

function opensPage({ req }: Context): boolean {
  return isNavigation({ method: req.method, mode: req.header('sec-fetch-mode'), accept: req.header('accept') })
}

function isProblem({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('application/problem+json') === true
}

/**
 * Serves a page to browsers at every address, even an unknown one; programs still get problem+json. Redirects a page's
 * address with extra slashes to the page. Must run around all handlers that create problems.
 */
export function servePages(
  options: PageUrls & { readonly assets: Assets; readonly languages: Languages },
): MiddlewareHandler {
  const { assets, languages, ...urls } = options
  const headers = pageHeaders(urls)

  return async function servePage(c, next) {
    const { pathname, search } = new URL(c.req.url)
    const wanted = SLASHED.exec(pathname)?.[1]
    if (wanted !== undefined && (c.req.method === 'GET' || c.req.method === 'HEAD'))
      return c.body(null, 308, { location: `${wanted}${search}`, 'cache-control': 'no-store' })
    await next()
    if (!opensPage(c) || !isProblem(c.res)) return undefined
    const { status } = c.res
    const texts = languages.choose({ acceptLanguage: c.req.header('accept-language') })
    const page = noPageDocument({ isOurFault: status >= 500 || status === 429, assets, texts })
    const kept = ['allow', 'retry-after'].flatMap((name) => {
      const value = c.res.headers.get(name)
      return value === null ? [] : [[name, value] as const]
    })
    // Reset first: Hono would merge the headers of the problem into those of the page.
    c.res = undefined
    c.res = new Response(page, {
      status,
      headers: {
        'content-type': 'text/html; charset=UTF-8',
        ...headers,
        ...Object.fromEntries(kept),
        ...languageHeaders(texts),
        vary: 'Accept, Accept-Language',
      },
    })
    return undefined
  }
}
