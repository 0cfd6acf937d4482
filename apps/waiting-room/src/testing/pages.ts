import { createHttpApp } from '@floodgate/http'
import { type Headline, openAssets } from '@floodgate/pages'
import { ADMIN_TOKEN, silentLogger } from '@floodgate/testkit/fixtures'
import { LANGUAGES } from '@floodgate/texts'
import { Registry } from 'prom-client'
import { servePages } from '../pages/navigations.ts'
import { mountPages } from '../pages/routes.ts'

/** A sale and its name on the page. */
export function headlineOf(name: string): Headline {
  return {
    name,
    saleState: 'open',
    opensAt: null,
    returnSeconds: 600,
    turnSeconds: 300,
    frameOrigins: [],
    hasShop: false,
    signInUrl: null,
    language: null,
  }
}

/** Creates the pages on an app without a server; the browser with `buyer=known` is a known one. */
export function mountTestPages(
  readHeadline: (sale: string) => Headline | undefined,
  languages = LANGUAGES,
  paysElsewhere = false,
) {
  const options = {
    publicUrl: 'http://127.0.0.1:7100',
    orderCoreUrl: 'http://127.0.0.1:7200',
    notifierUrl: 'http://127.0.0.1:7400',
    paymentWorkerUrl: 'http://127.0.0.1:7300',
    assets: openAssets(languages),
    languages,
  }
  const app = createHttpApp({
    log: silentLogger,
    metrics: new Registry(),
    allowedOrigins: [],
    operators: { routes: {}, adminToken: ADMIN_TOKEN },
    aroundRoutes: servePages(options),
  })
  mountPages(app, {
    ...options,
    paysElsewhere,
    readHeadline,
    buyerCookie: {
      read: (header) => (header === 'buyer=known' ? { kind: 'buyer', buyer: 'known' } : { kind: 'none' }),
      write: (buyer, options) => `buyer=${buyer}; ${options?.framed === true ? 'framed' : 'HttpOnly'}`,
      newBuyer: () => 'fresh',
    },
  })
  return app
}
