import { createBoundedMap } from '@floodgate/async'
import { saleId, uuid } from '@floodgate/contracts'
import {
  type Assets,
  buyerDocument,
  consoleDocument,
  type Headline,
  languageHeaders,
  noPageDocument,
  orderDocument,
  type PageUrls,
  pageHeaders,
  unknownSaleDocument,
} from '@floodgate/pages'
import { AppError } from '@floodgate/runtime'
import type { Languages, Texts } from '@floodgate/texts'
import type { Context, Hono } from 'hono'
import { type BuyerCookie, isHttps } from '../tokens/buyer-cookie.ts'

export interface PageOptions extends PageUrls {
  /**
   * Reads a page's initial data of a sale: undefined for one that does not exist; may throw while its store is
   * unavailable.
   */
  readHeadline(sale: string): Headline | undefined | Promise<Headline | undefined>
  /** The buyer pays on the provider's own page. */
  readonly paysElsewhere: boolean
  readonly buyerCookie: Pick<BuyerCookie, 'read' | 'write' | 'newBuyer'>
  readonly assets: Assets
  readonly languages: Languages
}

/** A year: an asset's address changes with its content. */
const keepForEver = 'public, max-age=31536000, immutable'

const readHeadlineOrNothing = async (options: PageOptions, sale: string) => {
  try {
    return { headline: await options.readHeadline(sale), isKnown: true }
  } catch {
    return { headline: undefined, isKnown: false } // The page's script asks again and reports the state.
  }
}

/** Sales whose frames and languages are cached while their store is unavailable. */
const SALES_MAX = 10_000

/**
 * Mounts the pages: `/sales/{sale}` and `/sales/{sale}/orders/{id}` for buyers, `/console` for operators, and their
 * files under `/assets`.
 */
export function mountPages(app: Hono, options: PageOptions): void {
  const { publicUrl, orderCoreUrl, notifierUrl, paymentWorkerUrl } = options
  const urls = { publicUrl, orderCoreUrl, notifierUrl, paymentWorkerUrl }
  const { assets, languages } = options
  const known = createBoundedMap<Pick<Headline, 'frameOrigins' | 'language'>>(SALES_MAX)
  /** A frame that stays empty during a short outage of Redis would never retry. */
  const knownOf = (sale: string, headline: Headline | undefined) => {
    if (headline !== undefined) known.set(sale, { frameOrigins: headline.frameOrigins, language: headline.language })
    return known.get(sale) ?? { frameOrigins: [], language: null }
  }
  const textsFor = (c: Context, setting: string | null = null) =>
    languages.choose({ setting, acceptLanguage: c.req.header('accept-language') })
  const headersOf = (texts: Texts, frameOrigins: readonly string[] = []) => ({
    ...pageHeaders(urls, frameOrigins),
    ...languageHeaders(texts),
  })

  app.get('/sales/:sale', async (c) => {
    const sale = c.req.param('sale')
    const { headline, isKnown: isSaleKnown } = saleId.safeParse(sale).success
      ? await readHeadlineOrNothing(options, sale)
      : { headline: undefined, isKnown: true }
    if (headline === undefined && isSaleKnown) {
      const texts = textsFor(c)
      return c.html(unknownSaleDocument({ sale, assets, texts }), 404, headersOf(texts))
    }
    // The cookie precedes any join, so that two tabs are one buyer.
    const { frameOrigins, language } = knownOf(sale, headline)
    const texts = textsFor(c, language)
    const { buyerCookie } = options
    const isKnown = buyerCookie.read(c.req.header('cookie')).kind === 'buyer'
    const framed = frameOrigins.length > 0
    if (!isKnown) c.header('set-cookie', buyerCookie.write(buyerCookie.newBuyer(), { framed }))
    const cookies = { secure: isHttps(urls.publicUrl), framed }
    const { paysElsewhere } = options
    const page = buyerDocument({
      ...{ sale, headline, urls, assets, texts, now: new Date(), isKnown, paysElsewhere, cookies },
    })
    return c.html(page, 200, headersOf(texts, frameOrigins))
  })

  // An order outlives its sale's line: its page is served whether or not the sale is known here.
  app.get('/sales/:sale/orders/:order', async (c) => {
    const [sale, order] = [saleId.safeParse(c.req.param('sale')), uuid.safeParse(c.req.param('order'))]
    if (!sale.success || !order.success) {
      const texts = textsFor(c)
      return c.html(noPageDocument({ isOurFault: false, assets, texts }), 404, headersOf(texts))
    }
    const { headline } = await readHeadlineOrNothing(options, sale.data)
    const id = order.data.toLowerCase()
    const { frameOrigins, language } = knownOf(sale.data, headline)
    const texts = textsFor(c, language)
    const page = orderDocument({ sale: sale.data, order: id, headline, urls, assets, texts, now: new Date() })
    return c.html(page, 200, headersOf(texts, frameOrigins))
  })

  const names = languages.tags.map((tag) => ({ tag, name: languages.of(tag).name }))
  const english = languages.of('en')
  app.get('/console', (c) => {
    const page = consoleDocument({ urls, assets, texts: english, languages: names })
    return c.html(page, 200, { ...pageHeaders(urls), 'content-language': english.language })
  })

  app.get('/assets/:version/:name{.+}', (c) => {
    const asset = assets.read(c.req.param('name'))
    if (asset === undefined) throw new AppError('not-found')
    // Another version is requested while processes are replaced: serve this one, uncached.
    const isCurrent = c.req.param('version') === assets.version
    return c.body(asset.body, 200, {
      'content-type': asset.type,
      'cache-control': isCurrent ? keepForEver : 'no-store',
      'x-content-type-options': 'nosniff',
    })
  })
}
