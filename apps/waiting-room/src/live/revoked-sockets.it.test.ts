import { silentLogger as log } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createStatusReader } from '../line/read-status.ts'
import type { CachedSale, SaleCache } from '../sales/sale-cache.ts'
import { readSnapshot } from '../snapshot/snapshot.ts'
import { joinLine } from '../testing/one-buyer.ts'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'
import { createLiveHub } from './live-hub.ts'

let virtual: VirtualLine
beforeAll(async () => {
  virtual = await connectVirtualLine()
})
afterAll(() => virtual.close())

it('an account that is revoked between the handshake of its socket and the opening gets it closed', async () => {
  const { line } = virtual
  const { id } = await virtual.openSale({ admitPerSecond: 1 })
  await joinLine(line, id, { buyer: 'ann', claimedPlace: 0 })
  const snapshot = await readSnapshot(line, id)
  if (snapshot === undefined) throw new Error('the sale does not exist')
  const sale: CachedSale = { id, snapshot, readAtMs: performance.now(), requestedAtMs: 0 }
  const sales = { find: () => sale, get: async () => sale, peek: () => sale } as unknown as SaleCache
  const holder = { sale: id, buyer: 'ann', place: 1, idToken: '' }
  const revoked = new Set<string>()
  const status = createStatusReader({
    ...{ line, sales, revocations: { rejectNow: () => undefined } },
    signAdmission: () => expect.unreachable(),
    presence: { note: () => undefined, flush: async () => undefined, stop: async () => undefined },
  })
  const hub = createLiveHub({
    ...{ line, sales, status, log },
    identify: () => holder,
    revocations: { isRevoked: ({ buyer }) => revoked.has(buyer) },
  })
  const closed: string[] = []
  const connection = {
    push: () => undefined,
    probe: () => undefined,
    close: (code: number, reason: string) => closed.push(`${code} ${reason}`),
  }
  const session = { sale, holder, status: await status.fromRedis(sale, holder) }
  hub.route.onOpen(connection, session)
  expect(closed).toEqual([])
  revoked.add('ann')
  hub.route.onOpen(connection, session)
  expect(closed).toEqual(['1008 identity-revoked'])
})
