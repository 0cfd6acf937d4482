import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Hono } from 'hono'

const assets = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
} as const

/** Starts the document's viewer; a separate file, so that the page needs no inline script. */
const starter = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#reference', deepLinking: true })\n`

const page = (title: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<main id="reference"></main>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
`

/**
 * Serves a readable API reference at `/docs`, from `/openapi.json`. Everything loads from the same host: the reference
 * works in a closed network and reveals its readers to nobody.
 */
export function mountApiDocs(app: Hono, { title }: { title: string }): void {
  app.get('/docs', (c) =>
    c.html(page(title), 200, {
      'content-security-policy': "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:",
    }),
  )
  app.get('/docs/start.js', (c) => c.body(starter, 200, { 'content-type': 'text/javascript; charset=utf-8' }))
  for (const [name, type] of Object.entries(assets)) {
    let content: Promise<Uint8Array<ArrayBuffer>> | undefined
    app.get(`/docs/${name}`, async (c) => {
      // Read once: the script has 1.5 MB. A failure is not cached.
      content ??= readFile(fileURLToPath(import.meta.resolve(`swagger-ui-dist/${name}`)))
      content.catch(() => {
        content = undefined
      })
      return c.body(await content, 200, { 'content-type': type, 'cache-control': 'public, max-age=86400' })
    })
  }
}
