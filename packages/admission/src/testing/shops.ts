import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener, serve } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import * as forExpress from '../adapters/express.ts'
import * as forFastify from '../adapters/fastify.ts'
import * as forFetch from '../adapters/fetch.ts'
import * as forHono from '../adapters/hono.ts'
import * as forNext from '../adapters/next.ts'
import * as forNode from '../adapters/node.ts'
import type { Gate, Pass } from '../index.ts'

/** A shop with the gate in front of every path, on a real port. */
export interface Shop {
  readonly url: string
  /** What every request must carry, where one program serves all options. */
  readonly headers?: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** What each shop returns: which slot the gate let in. */
const bodyOf = (pass: Pass | undefined) => ({ shop: true, slot: pass?.slot ?? null })

export type Framework = 'hono' | 'express' | 'fastify' | 'node' | 'fetch' | 'next'

/** Starts a shop with every framework that has an adapter. */
export const SHOPS: Readonly<Record<Framework, (gate: Gate) => Promise<Shop>>> = {
  hono: async (gate) => {
    const app = new Hono()
    app.use(forHono.floodgate(gate))
    app.all('*', (c) => c.json(bodyOf(forHono.passOf(c))))
    const listening = Promise.withResolvers<void>()
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => listening.resolve())
    await listening.promise
    return shopOf(server as ReturnType<typeof createServer>)
  },
  express: async (gate) => {
    const app = express()
    // Below a mount point too, where Express takes the path from `url`.
    app.use('/checkout', forExpress.floodgate(gate))
    app.use(/^(?!\/checkout)/, forExpress.floodgate(gate))
    app.use((request, response) => {
      response.json(bodyOf(forExpress.passOf(request)))
    })
    return listen(app)
  },
  fastify: async (gate) => {
    const app = fastify()
    app.addHook('onRequest', forFastify.floodgate(gate))
    app.addContentTypeParser('*', (_, __, done) => done(null))
    app.all('*', async (request) => bodyOf(forFastify.passOf(request)))
    await app.listen({ port: 0, host: '127.0.0.1' })
    return {
      url: originOf(app.server.address()),
      close: () => app.close(),
    }
  },
  node: (gate) => {
    const guarded = forNode.floodgate(gate, (request: IncomingMessage, response: ServerResponse) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(bodyOf(forNode.passOf(request))))
    })
    return listen((request, response) => void guarded(request, response))
  },
  fetch: (gate) => {
    const guarded = forFetch.floodgate(gate, (_, pass) => Response.json(bodyOf(pass)))
    return listen(getRequestListener((request) => guarded(request)))
  },
  next: (gate) => {
    const proxy = forNext.floodgate(gate)
    // What Next does with the response of its proxy: it passes on, or sends it.
    return listen(
      getRequestListener(async (request) => {
        const response = await proxy(request)
        if (!response.headers.has('x-middleware-next')) return response
        const verdict = await forNext.readPass(gate, request.headers)
        const page = Response.json(bodyOf(verdict.kind === 'valid' ? verdict.pass : undefined))
        for (const [name, value] of response.headers) if (!name.startsWith('x-')) page.headers.append(name, value)
        return page
      }),
    )
  },
}

async function listen(listener: RequestListener): Promise<Shop> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return shopOf(server)
}

const shopOf = (server: ReturnType<typeof createServer>): Shop => ({
  url: originOf(server.address()),
  close: async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  },
})

const originOf = (address: AddressInfo | string | null) => `http://127.0.0.1:${(address as AddressInfo).port}`
