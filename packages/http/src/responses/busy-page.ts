import type { AppError } from '@floodgate/runtime'
import { textsFor } from '../requests/request-language.ts'
import type { ResponseParts } from './response-parts.ts'

const RETRY_SECONDS = 2

/**
 * Renders a rejection for lack of capacity as a page that reloads itself after `Retry-After`. It loads no script, style
 * or other file, which the same process would have to reject. It may be shown in a frame, like the sale's page: there
 * is nothing on it to click. Its language is the browser's, because the sale is unknown.
 */
export function busyPage({ status, headers }: AppError, acceptLanguage: string | undefined): ResponseParts {
  const { language, direction, pages } = textsFor(acceptLanguage)
  const { title, heading, advice } = pages.documents.busy
  const seconds = headers['retry-after'] ?? String(RETRY_SECONDS)
  return {
    status,
    headers: {
      ...headers,
      'retry-after': seconds,
      'content-type': 'text/html; charset=UTF-8',
      'content-language': language,
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'",
      'referrer-policy': 'no-referrer',
      vary: 'Accept, Accept-Language',
    },
    body: `<!doctype html>
<html lang="${language}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="${seconds}">
<title>${title}</title>
</head>
<body>
<main>
<h1>${heading}</h1>
<p>${advice}</p>
</main>
</body>
</html>
`,
  }
}
