import type { Reason } from './decide.ts'
import { isUnknown } from './decide.ts'

/** The input of a shop's own page. */
export interface PageContext {
  readonly reason: Reason
  /** The line, with the way back. */
  readonly lineUrl: string | undefined
  /** The requested page, without the gate's parameters. */
  readonly retryUrl: string
}

export type PageOf = (context: PageContext) => string

interface PageText {
  readonly title: string
  readonly text: string
  /** The target of its link: the line, or the same page again. */
  readonly link: 'line' | 'retry'
}

const INVALID: PageText = {
  title: 'We could not check your turn',
  text: 'Go back to the line and try again. If this page comes back, tell the shop this word:',
  link: 'line',
}

const UNAVAILABLE: PageText = {
  title: 'Try again in a moment',
  text: 'The shop cannot check your turn right now. You have lost nothing.',
  link: 'retry',
}

const TEXTS: Readonly<Partial<Record<Reason, PageText>>> = {
  expired: { title: 'Your turn has ended', text: 'Join the line again to get another one.', link: 'line' },
  revoked: { title: 'You gave this turn back', text: 'Join the line again to get another one.', link: 'line' },
  used: {
    title: 'You have used this turn',
    text: 'One turn is for one order. Join the line again for another one.',
    link: 'line',
  },
  'cookies-off': {
    title: 'Cookies are off',
    text: 'The shop needs a cookie to remember your turn. Allow cookies for this site, then try again.',
    link: 'retry',
  },
}

const LINKS = { line: 'Go to the line', retry: 'Try again' }

/** Lists the texts of all pages, for the documents that quote them. */
export function pageTexts(): readonly string[] {
  return [INVALID, UNAVAILABLE, ...Object.values(TEXTS)]
    .flatMap(({ title, text }) => [title, text])
    .concat(Object.values(LINKS))
}

/** Renders the page that tells a buyer the reason. */
export function renderPage({ reason, lineUrl, retryUrl }: PageContext): string {
  const { title, text, link } = TEXTS[reason] ?? (isUnknown(reason) ? UNAVAILABLE : INVALID)
  const word = TEXTS[reason] === undefined && !isUnknown(reason) ? ` ${reason}` : ''
  const url = link === 'line' ? lineUrl : retryUrl
  const anchor = url === undefined ? '' : `<p><a href="${escaped(url)}">${LINKS[link]}</a>`
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><main><h1>${title}</h1><p>${text}${word}${anchor}</main></html>`
}

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
