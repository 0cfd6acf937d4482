import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { Certificate } from '@floodgate/local-servers'

/** Starts shops of other origins: any host name, over TLS. Each page shows the address after `/` in a frame. */
export async function startShopPages(certificate: Certificate, port: number): Promise<() => Promise<void>> {
  const server = createServer(
    { key: await readFile(certificate.keyFile), cert: certificate.pem },
    (request, response) => {
      const framed = decodeURIComponent((request.url ?? '/').slice(1))
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end(
        `<!doctype html><html lang="en"><title>Shop</title><h1>A shop</h1>
<iframe title="Sale" src="${framed}" width="900" height="700"></iframe>`,
      )
    },
  )
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return async function stop() {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
}
