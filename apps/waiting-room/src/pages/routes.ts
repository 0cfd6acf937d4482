import { saleId, uuid } from '@floodgate/contracts'
import { AppError, createBoundedMap } from '@floodgate/service'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { BuyerCookie } from '../line/buyer-cookie.ts'
import type { Assets } from './assets.ts'
import { pageHeaders } from './content-security.ts'
import {
  buyerDocument,
  consoleDocument,
  type Headline,
  noPageDocument,
  orderDocument,
  type PageUrls,
  unknownSaleDocument,
} from './documents.ts'

export interface PageOptions extends PageUrls {
  /** What a page says about a sale at first: undefined for a sale that is not there; may throw while its store is away. */
  readonly readHeadline: (sale: string) => Headline | undefined | Promise<Headline | undefined>
  readonly buyerCookie: Pick<BuyerCookie, 'read' | 'write' | 'newBuyer'>
  readonly assets: Assets
}

/** A year: an asset's address changes with its content. */
const keepForEver = 'public, max-age=31536000, immutable'

const readHeadlineOrNothing = async (options: PageOptions, sale: string) => {
  try {
    return { headline: await options.readHeadline(sale), known: true }
  } catch {
    return { headline: undefined, known: false } // The page's script asks again and says what is going on.
  }
}

/** Sales whose frames are remembered while their store is away. */
const SALES_MAX = 10_000

/** The pages: `/sales/{sale}` and `/sales/{sale}/orders/{id}` for buyers, `/console` for operators, and their files under `/assets`. */
export const mountPages = (app: OpenAPIHono, options: PageOptions): void => {
  const { publicUrl, orderCoreUrl, notifierUrl, paymentWorkerUrl } = options
  const urls = { publicUrl, orderCoreUrl, notifierUrl, paymentWorkerUrl }
  const { assets } = options
  const headers = pageHeaders(urls)
  const knownFrames = createBoundedMap<readonly string[]>(SALES_MAX)
  /** A frame that stays empty while Redis is away for a moment would never ask again. */
  const framesOf = (sale: string, headline: Headline | undefined): readonly string[] => {
    if (headline !== undefined) knownFrames.set(sale, headline.frameOrigins)
    return knownFrames.get(sale) ?? []
  }

  app.get('/sales/:sale', async (c) => {
    const sale = c.req.param('sale')
    const { headline, known } = saleId.safeParse(sale).success
      ? await readHeadlineOrNothing(options, sale)
      : { headline: undefined, known: true }
    if (headline === undefined && known) return c.html(unknownSaleDocument({ sale, assets }), 404, headers)
    // The cookie comes before any join, so that two tabs are one buyer.
    const frames = framesOf(sale, headline)
    const { buyerCookie } = options
    const isKnown = buyerCookie.read(c.req.header('cookie')).kind === 'buyer'
    const framed = frames.length > 0
    if (!isKnown) c.header('set-cookie', buyerCookie.write(buyerCookie.newBuyer(), { framed }))
    const page = buyerDocument({ sale, headline, urls, assets, now: new Date(), isKnown, framed })
    return c.html(page, 200, pageHeaders(urls, frames))
  })

  // An order outlives its sale's line: its page comes whether or not the sale is known here.
  app.get('/sales/:sale/orders/:order', async (c) => {
    const [sale, order] = [saleId.safeParse(c.req.param('sale')), uuid.safeParse(c.req.param('order'))]
    if (!sale.success || !order.success) return c.html(noPageDocument({ isOurFault: false, assets }), 404, headers)
    const { headline } = await readHeadlineOrNothing(options, sale.data)
    const id = order.data.toLowerCase()
    const page = orderDocument({ sale: sale.data, order: id, headline, urls, assets, now: new Date() })
    return c.html(page, 200, pageHeaders(urls, framesOf(sale.data, headline)))
  })

  app.get('/console', (c) => c.html(consoleDocument({ urls, assets }), 200, headers))

  app.get('/assets/:version/:name{.+}', (c) => {
    const asset = assets.read(c.req.param('name'))
    if (asset === undefined) throw new AppError('not-found')
    // Another version is asked for while processes are replaced: serve what is here, and let nobody keep it.
    const isCurrent = c.req.param('version') === assets.version
    return c.body(asset.body, 200, {
      'content-type': asset.type,
      'cache-control': isCurrent ? keepForEver : 'no-store',
      'x-content-type-options': 'nosniff',
    })
  })
}
