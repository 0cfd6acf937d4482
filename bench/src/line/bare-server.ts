// A bare Hono server: the maximum of one process of this runtime. It repeats the responses in the file named on its
// command line, and prints its address once it listens.
import { readFile } from 'node:fs/promises'
import { listen } from '@floodgate/http'
import { Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { CannedResponse } from './canned-response.ts'

const responses = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as CannedResponse[]

const app = new Hono()
for (const { method, path, status, headers, body, as } of responses) {
  const route = path.replace(/^\/sales\/[^/]+/, '/sales/:sale')
  const content = as === 'json' ? (JSON.parse(body) as object) : undefined
  const code = status as ContentfulStatusCode
  app.on(method, route, (c) => (content === undefined ? c.body(body, code, headers) : c.json(content, code, headers)))
  // The smallest possible response: no header of ours, whatever the route.
  if (content !== undefined && method === 'GET') app.on(method, `/plain${route}`, (c) => c.json(content))
}

const { url } = await listen({ fetch: app.fetch, host: '127.0.0.1', port: 0 })
process.stdout.write(`${url}\n`)
