import type { Board } from '@floodgate/contracts'
import { isolated } from '@floodgate/texts/formats'
import type { Texts, WordsPage } from '@floodgate/texts/types'
import type { Assets } from './assets.ts'
import { escapeHtml } from './html.ts'
import { htmlDocument, isolatedHtml } from './html-document.ts'

/** What is known about a sale when its page is written. */
export type Headline = Pick<Board, 'name' | 'saleState' | 'opensAt'> & {
  readonly returnSeconds: number
  /** Length of a turn, without extensions. */
  readonly turnSeconds: number
  /** Origins whose pages may show the sale's page in a frame. */
  readonly frameOrigins: readonly string[]
  /** Admitted buyers return to a shop. */
  readonly hasShop: boolean
  /** Where buyers sign in; null: the sale takes no accounts, or names no shop. */
  readonly signInUrl: string | null
  /** Language for buyers; null: that of the browser. */
  readonly language: string | null
}

export interface PageUrls {
  readonly publicUrl: string
  readonly orderCoreUrl: string
  readonly notifierUrl: string
  readonly paymentWorkerUrl: string
}

interface Writing {
  readonly texts: Texts
  readonly assets: Assets
}

/** Shown until a script has run, and permanently where none does. */
const loadingScreen = ({ pages: { documents } }: Texts, needsScripts: string): string =>
  `<main id="stage"><section class="screen" data-screen="loading"><h1 tabindex="-1">${escapeHtml(documents.loading)}</h1>
<p class="late">${escapeHtml(documents.late)}</p>
<noscript><p>${escapeHtml(needsScripts)}</p></noscript></section></main>`

/**
 * Writes the buyer's page. Without a headline (its store is unavailable) the page is still served, and its script asks
 * again.
 */
export function buyerDocument(
  options: Writing & {
    sale: string
    headline: Headline | undefined
    urls: PageUrls
    now: Date
    /** The browser already had the buyer's cookie. */
    isKnown: boolean
    /** The buyer pays on the provider's own page. */
    paysElsewhere: boolean
    /** How the buyer's cookies must be written: over https only, or in a frame of another site. */
    cookies: { readonly secure: boolean; readonly framed: boolean }
  },
): string {
  const { sale, headline, urls, assets, texts } = options
  const { documents } = texts.pages
  const name = headline?.name ?? sale
  return htmlDocument({
    texts,
    title: name,
    assets,
    scripts: 'buyer',
    settings: {
      language: texts.language,
      sale: {
        id: sale,
        name,
        state: headline?.saleState,
        opensAt: headline?.opensAt ?? null,
        returnSeconds: headline?.returnSeconds,
        turnSeconds: headline?.turnSeconds,
        hasShop: headline?.hasShop,
        signInUrl: headline?.signInUrl ?? null,
      },
      orderCoreUrl: urls.orderCoreUrl,
      notifierUrl: urls.notifierUrl,
      isKnown: options.isKnown,
      paysElsewhere: options.paysElsewhere,
      cookies: options.cookies,
      now: options.now.toISOString(),
    },
    body: `<header><p class="sale-name">${isolatedHtml(name)}</p></header>
<div id="warnings" class="banner" role="note" hidden></div>
<p id="banner" class="banner" role="status" hidden></p>
${loadingScreen(texts, documents.saleNeedsScripts)}
<p id="announcer" class="hidden" role="status" aria-live="polite"></p>
<footer><p class="note">${escapeHtml(documents.fairness)} <span id="promise"></span></p></footer>`,
  })
}

/**
 * Writes the page of one order. It contains nothing about the order: the script reads it with the mail's link or the
 * buyer's cookie.
 */
export function orderDocument(
  options: Writing & {
    sale: string
    order: string
    headline: Headline | undefined
    urls: PageUrls
    now: Date
  },
): string {
  const { sale, order, headline, urls, assets, texts } = options
  const { documents } = texts.pages
  const name = headline?.name ?? documents.order
  return htmlDocument({
    texts,
    title: name,
    assets,
    scripts: 'order',
    settings: {
      language: texts.language,
      sale: { id: sale, name, state: headline?.saleState },
      order,
      orderCoreUrl: urls.orderCoreUrl,
      notifierUrl: urls.notifierUrl,
      now: options.now.toISOString(),
    },
    body: `<header><p class="sale-name">${isolatedHtml(name)}</p></header>
<p id="banner" class="banner" role="status" hidden></p>
${loadingScreen(texts, documents.orderNeedsScripts)}
<p id="announcer" class="hidden" role="status" aria-live="polite"></p>`,
  })
}

const wordsDocument = (
  { texts, assets }: Writing,
  { title, heading, advice }: WordsPage,
  { screen, before = [] }: { screen: string; before?: readonly string[] },
): string =>
  htmlDocument({
    texts,
    title,
    assets,
    body: `<main id="stage"><section class="screen" data-screen="${screen}"><h1>${escapeHtml(heading)}</h1>
<div class="lines">${[...before, advice].map((line) => `<p>${escapeHtml(line)}</p>`).join('\n')}</div></section></main>`,
  })

/** Writes the page for a sale that does not exist. */
export function unknownSaleDocument(options: Writing & { sale: string }): string {
  const { noSuchSale } = options.texts.pages.documents
  const sale = isolated(options.sale, options.texts.direction)
  return wordsDocument(options, noSuchSale, { screen: 'not-found', before: [noSuchSale.nothingSold({ sale })] })
}

/** Writes the page for an address without a page, or whose page cannot be made at the moment. */
export function noPageDocument(options: Writing & { isOurFault: boolean }): string {
  const { noPage, notNow } = options.texts.pages.documents
  return wordsDocument(options, options.isOurFault ? notNow : noPage, { screen: 'no-page' })
}

/**
 * Writes the operator's console, in English only. The document holds no secret; every figure in it comes from calls
 * with the operator's token.
 */
export function consoleDocument(
  options: Writing & { urls: PageUrls; languages: readonly { tag: string; name: string }[] },
): string {
  return htmlDocument({
    texts: options.texts,
    title: 'Floodgate console',
    assets: options.assets,
    scripts: 'console',
    settings: { ...options.urls, languages: options.languages },
    body: `<header><p class="sale-name">Floodgate console</p></header>
<main id="stage"><h1>Console</h1><noscript><p>The console needs JavaScript.</p></noscript></main>
<p id="announcer" class="hidden" role="status" aria-live="polite"></p>`,
  })
}
