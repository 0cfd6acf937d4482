import { afterAll, beforeAll, beforeEach } from 'vitest'
import { createGate, type Gate } from '../gate/gate.ts'
import type { GateOptions } from '../gate/options.ts'
import type { Pass } from '../gate/pass.ts'
import { gateRequest } from '../gate/request.ts'
import { type FakeWaitingRoom, startFakeWaitingRoom } from './fake-waiting-room.ts'

export const ORIGIN = 'https://shop.example'
export const COOKIE = '__Host-floodgate-pass'
export const SECOND_MS = 1_000
export const MINUTE_MS = 60 * SECOND_MS
/** The header of a navigation. */
export const page = { 'sec-fetch-mode': 'navigate' }

interface Asked {
  readonly method?: string
  readonly cookie?: string | undefined
  readonly name?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Builds a request of a browser at the shop. */
export function request(target: string, { method = 'GET', cookie, name = COOKIE, headers = {} }: Asked = {}) {
  const all = { ...headers, ...(cookie !== undefined && { cookie: `${name}=${cookie}` }) }
  return gateRequest({ method, target, secure: true, header: (one) => (all as Record<string, string>)[one] })
}

/** Decides about a script's request with this pass. */
export async function decide(gate: Gate, cookie?: string, target = '/checkout') {
  return (await gate.check(request(target, { cookie }))).decision
}

/** Returns the pass of a cookie that has one. */
export async function passWith(gate: Gate, cookie: string): Promise<Pass> {
  const verdict = await gate.passOf(request('/', { cookie }))
  if (!('pass' in verdict)) throw new Error(`no pass: ${verdict.reason}`)
  return verdict.pass
}

/**
 * Runs a waiting room for the tests of the calling file, as new before each of them. Gates and waiting room share a clock,
 * which the tests set forward.
 */
export function useWaitingRoom() {
  let started: FakeWaitingRoom | undefined
  const clock = { ms: Math.floor(Date.now() / SECOND_MS) * SECOND_MS }
  const now = () => clock.ms
  function room(): FakeWaitingRoom {
    if (started === undefined) throw new Error('The waiting room is not started.')
    return started
  }
  beforeAll(async () => {
    started = await startFakeWaitingRoom({ now })
  })
  afterAll(() => started?.close())
  beforeEach(() => {
    const { state } = room()
    Object.assign(state, { status: 200, isMute: false, failingFinishes: 0, extensionsMax: 2 })
    for (const list of [state.revoked, state.finished, state.requests]) list.length = 0
  })
  return {
    clock,
    room,
    state: () => room().state,
    createGate: (more: Partial<GateOptions> = {}) =>
      createGate({ queueUrl: room().url, sale: 'demo', origin: ORIGIN, now, ...more }),
    /** Signs an admission whose slot no other test uses. */
    admission: (claims: object = {}) => room().admission({ jti: crypto.randomUUID(), ...claims }),
    /** Returns how many requests the waiting room got at a path. */
    called: (path: string) => room().state.requests.filter((one) => one.endsWith(path)).length,
  }
}
