// A bare Hono server: the most that one process of this runtime can answer. Prints its address once it listens.
import { listen } from '@floodgate/service'
import { Hono } from 'hono'

const app = new Hono()
const answer = {
  state: 'waiting',
  saleState: 'open',
  position: 12_345,
  etaSeconds: 617,
  pollAfterMs: 27_845,
  snapshot: 1,
}
app.get('/sales/:sale/ticket', (c) => c.json(answer))

const { url } = await listen({ fetch: app.fetch, host: '127.0.0.1', port: 0 })
process.stdout.write(`${url}\n`)
