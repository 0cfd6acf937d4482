import type { Texts } from '@floodgate/texts/types'
import type { PageUrls } from './documents.ts'

const originsOf = (url: string): string[] => {
  const { origin, protocol, host } = new URL(url)
  return [origin, `${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}`]
}

/**
 * Returns the headers of every page: nothing from another host, no inline script, no referrer, and no frame around it
 * except on pages of `frameOrigins`, each an exact origin.
 */
export function pageHeaders(urls: PageUrls, frameOrigins: readonly string[] = []): Readonly<Record<string, string>> {
  const connect = new Set(["'self'", ...Object.values(urls).flatMap((url: string) => originsOf(url))])
  return {
    'content-security-policy': [
      "default-src 'self'",
      `connect-src ${[...connect].join(' ')}`,
      "base-uri 'none'",
      "form-action 'none'",
      `frame-ancestors ${frameOrigins.length === 0 ? "'none'" : frameOrigins.join(' ')}`,
      "object-src 'none'",
    ].join('; '),
    // Older than frame-ancestors, and without origins: only for pages that no frame may show.
    ...(frameOrigins.length === 0 && { 'x-frame-options': 'DENY' }),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  }
}

/** Returns the headers for the page's language, which varies by browser. */
export function languageHeaders({ language }: Texts): Readonly<Record<string, string>> {
  return { 'content-language': language, vary: 'Accept-Language' }
}
