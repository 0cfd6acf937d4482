import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose'

const COOKIE = 'shop-pass'
const PAGES = {
  home: '<h1>The shop</h1><a href="/checkout?basket=7">Check out</a>',
  checkout: '<h1>Checkout</h1><form method="post" action="/bought"><button>Buy it</button></form>',
  thanks: '<h1>Thank you</h1>',
}

/** A shop on an origin of its own, which takes buyers back from the line by what its documents say alone. */
export interface OwnShop {
  readonly origin: string
  readonly host: string
  /** What the shop read of each buyer that the line sent, in order. */
  readonly arrivals: readonly Arrival[]
  /** Sends every buyer back to the line, whatever pass it has. */
  rejects: boolean
  close(): Promise<void>
}

interface Arrival {
  /** The path and query that the buyer came to, without the pass. */
  readonly path: string
  readonly pass: JWTPayload
  readonly handover: JWTPayload
  readonly referrer: string | undefined
}

/** Starts a shop on `localhost`, whose checkout is behind the line of one sale. */
export async function startOwnShop({ queue, sale }: { queue: string; sale: string }): Promise<OwnShop> {
  const keys = createRemoteJWKSet(new URL(`${queue}/.well-known/jwks.json`))
  const arrivals: Arrival[] = []
  let origin = ''
  const shop = { rejects: false }

  const redirect = (response: ServerResponse, location: string, cookie?: string) =>
    response.writeHead(303, { location, ...(cookie !== undefined && { 'set-cookie': cookie }) }).end()
  const show = (response: ServerResponse, html: string) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><title>Shop</title>${html}`)
  const passOf = ({ headers }: IncomingMessage) => new RegExp(`${COOKIE}=([^;]+)`).exec(headers.cookie ?? '')?.[1]

  async function takeBack(request: IncomingMessage, url: URL): Promise<string> {
    const parts = (url.searchParams.get('floodgate') ?? '').split('.')
    const [admission, token] = [parts.slice(0, 3).join('.'), parts.slice(3).join('.')]
    const pass = await jwtVerify(admission, keys, { issuer: 'floodgate', audience: 'order-core', typ: 'JWT' })
    const handover = await jwtVerify(token, keys, { issuer: 'floodgate', audience: origin, typ: 'handover+jwt' })
    if (pass.payload.jti !== handover.payload.jti || pass.payload.sale !== sale) throw new Error('another turn')
    const path = `${url.pathname}${url.search.replace(/[?&]floodgate=[^&]+$/, '')}`
    arrivals.push({ path, pass: pass.payload, handover: handover.payload, referrer: request.headers.referer })
    return admission
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', origin)
    if (url.pathname === '/') return void show(response, PAGES.home)
    if (url.pathname === '/framing')
      return void show(response, `<iframe src="${queue}/sales/${sale}" width="800" height="800"></iframe>`)
    const pass = passOf(request)
    if (url.pathname === '/bought' && pass !== undefined) {
      const headers = { authorization: `Bearer ${pass}` }
      await fetch(`${queue}/sales/${sale}/admission/finished`, { method: 'POST', headers })
      response.setHeader('set-cookie', `${COOKIE}=; Max-Age=0`)
      return void show(response, PAGES.thanks)
    }
    if (url.pathname !== '/checkout') return void response.writeHead(404).end()
    if (url.searchParams.has('floodgate') && !shop.rejects) {
      const admission = await takeBack(request, url)
      return void redirect(response, arrivals.at(-1)?.path ?? '/', `${COOKIE}=${admission}; HttpOnly; SameSite=Lax`)
    }
    url.searchParams.delete('floodgate')
    if (pass !== undefined && !shop.rejects) return void show(response, PAGES.checkout)
    redirect(response, `${queue}/sales/${sale}?return=${encodeURIComponent(url.href)}`)
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const host = `localhost:${(server.address() as AddressInfo).port}`
  origin = `http://${host}`
  return Object.assign(shop, {
    ...{ origin, host, arrivals },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
