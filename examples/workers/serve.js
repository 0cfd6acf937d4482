// Runs the Worker on this machine, in the runtime of Cloudflare (workerd), without an account.
import { readFile } from 'node:fs/promises'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'

const { QUEUE_URL = 'http://localhost:7100', SALE = 'shop', PORT = '8080' } = process.env

const { outputFiles } = await build({
  entryPoints: ['worker.js'],
  bundle: true,
  format: 'esm',
  conditions: ['workerd', 'worker', 'browser'],
  external: ['cloudflare:*'],
  write: false,
})
const miniflare = new Miniflare({
  modules: true,
  script: outputFiles[0].text,
  compatibilityDate: '2026-07-01',
  port: Number(PORT),
  bindings: { QUEUE_URL, SALE },
  d1Databases: ['ORDERS'],
})
const orders = await miniflare.getD1Database('ORDERS')
await orders.prepare(await readFile('schema.sql', 'utf8')).run()
console.log(`The shop: http://localhost:${PORT}`)

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => miniflare.dispose())
