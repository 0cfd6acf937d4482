import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface ReceivedWebhook {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Responds to one request, or does not. */
export type ShopBehaviour = (response: ServerResponse, webhook: ReceivedWebhook) => void

export function respondWith(status: number, headers: Readonly<Record<string, string>> = {}): ShopBehaviour {
  return function respond(response) {
    response.writeHead(status, headers).end()
  }
}

/** Starts a server of the shop that keeps what it receives, and responds as `behave` says. */
export async function startShopServer() {
  const received: ReceivedWebhook[] = []
  let behaviour: ShopBehaviour = respondWith(204)
  const server = createServer(async (request, response) => {
    const webhook = { path: request.url ?? '', headers: request.headers, body: await text(request).catch(() => '') }
    received.push(webhook)
    behaviour(response, webhook)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    /** Returns what was received about one order. */
    about: (order: string) => received.filter(({ body }) => body.includes(order)),
    behave(next: ShopBehaviour): void {
      behaviour = next
    },
    stop(): Promise<void> {
      const closed = new Promise<void>((done) => server.close(() => done()))
      server.closeAllConnections()
      return closed
    },
  }
}
export type ShopServer = Awaited<ReturnType<typeof startShopServer>>
