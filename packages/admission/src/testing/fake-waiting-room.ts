import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createIssuer, type Issuer } from '@floodgate/testkit/fixtures'
import { decodeJwt } from 'jose'

type Claims = Readonly<Record<string, unknown>>

/** What the routes of the fake waiting room return, and what they were asked. Tests change it. */
export interface FakeWaitingRoomState {
  /** The status of every response; 200: as usual. */
  status: number
  /** Never responds. */
  isMute: boolean
  readonly revoked: string[]
  /** How many of the next calls for a slot's return fail with 503. */
  failingFinishes: number
  readonly finished: string[]
  extensionsMax: number
  /** Added to the `Date` of responses. */
  clockAheadMs: number
  readonly requests: string[]
}

/** A waiting room that speaks the connector's part of the contract over real HTTP, and signs with a key of its own. */
export interface FakeWaitingRoom {
  readonly url: string
  readonly issuer: Issuer
  readonly state: FakeWaitingRoomState
  admission(claims?: Claims): Promise<string>
  /** The value of the `floodgate` parameter for an origin. */
  handover(origin: string, claims?: Claims, handoverClaims?: Claims): Promise<string>
  diagnosis(claims?: Claims): Promise<string>
  close(): void
}

const MINUTE_SECONDS = 60

/** Starts it. */
export async function startFakeWaitingRoom(options: { now?(): number } = {}): Promise<FakeWaitingRoom> {
  const now = options.now ?? Date.now
  const issuer = await createIssuer({
    claims: () => ({ iat: seconds(now()), exp: seconds(now()) + 10 * MINUTE_SECONDS }),
  })
  const state: FakeWaitingRoomState = {
    ...{ status: 200, isMute: false, revoked: [], failingFinishes: 0, finished: [], extensionsMax: 2 },
    ...{ clockAheadMs: 0, requests: [] },
  }

  async function extend(request: IncomingMessage, response: ServerResponse): Promise<ServerResponse> {
    const claims = decodeJwt(bearerOf(request))
    const { number } = JSON.parse(await textOf(request)) as { number: number }
    if (number > state.extensionsMax) return send(response, 409, { code: 'extensions-used' })
    const exp = Number(claims.iat) + 10 * MINUTE_SECONDS + number * MINUTE_SECONDS
    const admission = await issuer.sign({ ...claims, exp })
    const extensions = { taken: number, remaining: state.extensionsMax - number, seconds: MINUTE_SECONDS }
    return send(response, 200, { admission, expiresAt: new Date(exp * 1_000).toISOString(), extensions })
  }

  function finish(request: IncomingMessage, response: ServerResponse): ServerResponse {
    if (state.failingFinishes > 0) {
      state.failingFinishes -= 1
      return send(response, 503, { code: 'unavailable' })
    }
    const token = bearerOf(request)
    if (token === '') return send(response, 401, { code: 'admission-missing' })
    state.finished.push(String(decodeJwt(token).jti))
    return response.writeHead(204).end()
  }

  const server = createServer(async (request, response) => {
    const path = request.url ?? '/'
    state.requests.push(`${request.method} ${path}`)
    if (state.isMute) return undefined
    response.setHeader('date', new Date(Date.now() + state.clockAheadMs).toUTCString())
    if (state.status !== 200) return send(response, state.status, { code: 'unavailable' })
    if (path === '/.well-known/jwks.json') return send(response, 200, issuer.jwks)
    if (/^\/sales\/[^/]+\/revocations$/.test(path)) return send(response, 200, revocationsOf(path, state.revoked))
    if (path.endsWith('/admission/extension')) return extend(request, response)
    if (path.endsWith('/admission/finished')) return finish(request, response)
    return send(response, 404, { code: 'not-found' })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    issuer,
    state,
    admission: (claims) => issuer.sign(claims),
    handover: async (origin, claims = {}, handoverClaims = {}) => {
      const own = { ...claims, aud: origin, exp: seconds(now()) + MINUTE_SECONDS, ...handoverClaims }
      return `${await issuer.sign(claims)}.${await issuer.sign(own, { typ: 'handover+jwt' })}`
    },
    diagnosis: (claims = {}) => {
      const own = { sub: undefined, jti: 'random', exp: seconds(now()) + 15 * MINUTE_SECONDS, ...claims }
      return issuer.sign(own, { typ: 'diagnosis+jwt' })
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

const seconds = (ms: number) => Math.floor(ms / 1_000)

const bearerOf = (request: IncomingMessage) => /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''

const textOf = async (request: IncomingMessage) => Buffer.concat(await request.toArray()).toString()

const revocationsOf = (path: string, revoked: readonly string[]) => ({
  sale: path.split('/')[2],
  revocations: revoked.map((slot) => ({ slot, passExpiresAt: new Date(Date.now() + 60_000).toISOString() })),
})

const send = (response: ServerResponse, status: number, body: object): ServerResponse =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
