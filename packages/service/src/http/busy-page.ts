import type { AppError } from '../app-error.ts'
import type { PlainAnswer } from './plain-answer.ts'

const RETRY_SECONDS = 2

/**
 * Writes a refusal for lack of capacity as a page that loads itself again after `Retry-After`. It needs nothing else: no
 * script, no style, no other file, which the same process would have to refuse. It may be shown in a frame, as the sale may
 * whose page it stands for: there is nothing on it to click.
 */
export function busyPage({ status, headers }: AppError): PlainAnswer {
  const seconds = headers['retry-after'] ?? String(RETRY_SECONDS)
  return {
    status,
    headers: {
      ...headers,
      'retry-after': seconds,
      'content-type': 'text/html; charset=UTF-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'",
      'referrer-policy': 'no-referrer',
      vary: 'Accept',
    },
    body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="${seconds}">
<title>One moment, please</title>
</head>
<body>
<main>
<h1>The shop is very busy</h1>
<p>You do not need to do anything: this page loads again by itself in a few seconds.</p>
</main>
</body>
</html>
`,
  }
}
