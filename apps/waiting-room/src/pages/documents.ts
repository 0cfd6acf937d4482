import type { Board } from '@floodgate/contracts'
import { isHttps } from '../line/buyer-cookie.ts'
import type { Assets } from './assets.ts'
import { escapeHtml, jsonForScript } from './html.ts'

/** What is known of a sale when its page is written. */
export type Headline = Pick<Board, 'name' | 'saleState' | 'opensAt'> & {
  readonly returnSeconds: number
  /** Whose pages may show the sale's page in a frame. */
  readonly frameOrigins: readonly string[]
}

export interface PageUrls {
  readonly publicUrl: string
  readonly orderCoreUrl: string
  readonly notifierUrl: string
  readonly paymentWorkerUrl: string
}

interface Document {
  readonly title: string
  readonly assets: Assets
  /** The folder of the page's own scripts; none for a page of words. */
  readonly scripts?: 'buyer' | 'order' | 'console'
  readonly settings?: unknown
  readonly body: string
}

/** The folders whose scripts a page loads. */
const FOLDERS = { buyer: ['shared', 'buyer'], order: ['shared', 'buyer', 'order'], console: ['shared', 'console'] }

const preloads = ({ names, version }: Assets, page: keyof typeof FOLDERS): string =>
  names
    .filter((name) => name.endsWith('.ts') && FOLDERS[page].some((folder) => name.startsWith(`${folder}/`)))
    // Not what only other pages begin with.
    .filter((name) => !name.endsWith('/main.ts') || name === `${page}/main.ts`)
    .map((name) => `<link rel="modulepreload" href="/assets/${version}/${name}">`)
    .join('\n')

const htmlDocument = ({ title, assets, scripts, settings, body }: Document): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" type="image/svg+xml" href="/assets/${assets.version}/icon.svg">
<link rel="stylesheet" href="/assets/${assets.version}/pages.css">
${scripts === undefined ? '' : preloads(assets, scripts)}
</head>
<body class="${scripts ?? 'words'}">
${scripts === undefined ? '' : '<div id="trouble" class="banner" role="alert" hidden></div>'}
${body}
${settings === undefined ? '' : `<script type="application/json" id="settings">${jsonForScript(settings)}</script>`}
${scripts === undefined ? '' : `<script type="module" src="/assets/${assets.version}/${scripts}/main.ts"></script>`}
</body>
</html>
`

/** The buyer's page. Without a headline (its store can't be reached) the page still comes, and its script asks again. */
export const buyerDocument = (options: {
  sale: string
  headline: Headline | undefined
  urls: PageUrls
  assets: Assets
  now: Date
  /** The browser had the buyer's cookie before. */
  isKnown: boolean
  /** Another site may show the page in a frame. */
  framed: boolean
}): string => {
  const { sale, headline, urls, assets } = options
  const name = headline?.name ?? sale
  return htmlDocument({
    title: name,
    assets,
    scripts: 'buyer',
    settings: {
      sale: {
        id: sale,
        name,
        state: headline?.saleState,
        opensAt: headline?.opensAt ?? null,
        returnSeconds: headline?.returnSeconds,
      },
      orderCoreUrl: urls.orderCoreUrl,
      notifierUrl: urls.notifierUrl,
      isKnown: options.isKnown,
      cookies: { secure: isHttps(urls.publicUrl), framed: options.framed },
      now: options.now.toISOString(),
    },
    body: `<header><p class="sale-name">${escapeHtml(name)}</p></header>
<div id="warnings" class="banner" role="note" hidden></div>
<p id="banner" class="banner" role="status" hidden></p>
<main id="stage"><section class="screen" data-screen="loading"><h1 tabindex="-1">One moment…</h1>
<p class="late">This takes longer than usual. Load the page again; if that does not help, try another browser.</p>
<noscript><p>This page needs JavaScript: it keeps your place in line while you wait. Please switch it on, then load the page again.</p></noscript></section></main>
<p id="announcer" class="hidden" role="status" aria-live="polite"></p>
<footer><p class="note">Everybody has one place, first come, first served. <span id="promise"></span></p></footer>`,
  })
}

/** The page of one order. It holds nothing about the order: the script reads it with the mail's link or the buyer's cookie. */
export const orderDocument = (options: {
  sale: string
  order: string
  headline: Headline | undefined
  urls: PageUrls
  assets: Assets
  now: Date
}): string => {
  const { sale, order, headline, urls, assets } = options
  const name = headline?.name ?? 'Your order'
  return htmlDocument({
    title: name,
    assets,
    scripts: 'order',
    settings: {
      sale: { id: sale, name },
      order,
      orderCoreUrl: urls.orderCoreUrl,
      notifierUrl: urls.notifierUrl,
      now: options.now.toISOString(),
    },
    body: `<header><p class="sale-name">${escapeHtml(name)}</p></header>
<p id="banner" class="banner" role="status" hidden></p>
<main id="stage"><section class="screen" data-screen="loading"><h1 tabindex="-1">One moment…</h1>
<p class="late">This takes longer than usual. Load the page again; if that does not help, try another browser.</p>
<noscript><p>This page needs JavaScript: it reads your order with the link in your mail. Please switch it on, then load the page again.</p></noscript></section></main>
<p id="announcer" class="hidden" role="status" aria-live="polite"></p>`,
  })
}

/** The page for a sale that is not there. */
export const unknownSaleDocument = (options: { sale: string; assets: Assets }): string =>
  htmlDocument({
    title: 'No such sale',
    assets: options.assets,
    body: `<main id="stage"><section class="screen" data-screen="not-found"><h1>There is no such sale</h1>
<div class="lines"><p>Nothing is sold under the name <strong>${escapeHtml(options.sale)}</strong>.</p>
<p>Look at the address again, or go back to the page that brought you here.</p></div></section></main>`,
  })

/** For an address without a page, or one whose page cannot be made at the moment. */
export function noPageDocument(options: { isOurFault: boolean; assets: Assets }): string {
  const { isOurFault, assets } = options
  const title = isOurFault ? 'Not available at the moment' : 'There is no page here'
  const advice = isOurFault
    ? 'Please load this page again in a moment.'
    : 'Look at the address again, or go back to the page that brought you here.'
  return htmlDocument({
    title,
    assets,
    body: `<main id="stage"><section class="screen" data-screen="no-page"><h1>${title}</h1>
<div class="lines"><p>${advice}</p></div></section></main>`,
  })
}

/** The operator's console. The document holds no secret; every figure in it comes from calls with the operator's token. */
export const consoleDocument = (options: { urls: PageUrls; assets: Assets }): string =>
  htmlDocument({
    title: 'Floodgate console',
    assets: options.assets,
    scripts: 'console',
    settings: options.urls,
    body: `<header><p class="sale-name">Floodgate console</p></header>
<main id="stage"><h1>Console</h1><noscript><p>The console needs JavaScript.</p></noscript></main>
<p id="announcer" class="hidden" role="status" aria-live="polite"></p>`,
  })
