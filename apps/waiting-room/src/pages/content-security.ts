import type { PageUrls } from './documents.ts'

const originsOf = (url: string): string[] => {
  const { origin, protocol, host } = new URL(url)
  return [origin, `${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}`]
}

/** The headers of every page: nothing from another host, no inline script, no frame around it, no address passed on. */
export const pageHeaders = (urls: PageUrls): Readonly<Record<string, string>> => {
  const connect = new Set(["'self'", ...Object.values(urls).flatMap((url: string) => originsOf(url))])
  return {
    'content-security-policy': [
      "default-src 'self'",
      `connect-src ${[...connect].join(' ')}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "object-src 'none'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  }
}
