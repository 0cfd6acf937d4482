import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const GONE = 410
const TAKEN = 204

/** Starts the endpoint of a shop that rejects every webhook for good (410) until it is told to take them. */
export async function startShop() {
  let status = GONE
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(status).end()
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    settings: {
      WEBHOOKS: `shop=http://127.0.0.1:${port}/hooks`,
      WEBHOOK_SECRETS: `whsec_${Buffer.alloc(24, 1).toString('base64')}`,
    },
    take(): void {
      status = TAKEN
    },
    stop: () => new Promise<void>((closed) => void server.close(() => closed())),
  }
}
