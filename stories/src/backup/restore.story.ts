import { join } from 'node:path'
import { bodyOf } from '@floodgate/client'
import type { AppName } from '@floodgate/dev/system'
import { eventually, type TemporaryDirectory, temporaryDirectory } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { coat } from '../client/coats.ts'
import { expectProblem } from '../client/http.ts'
import { checkMoney } from '../client/right-money.ts'
import { withSystem } from '../client/test-system.ts'
import { expectStock } from '../scenarios/expect-stock.ts'
import { backUpPostgres, restoreServers } from './back-up.ts'

const SALE = 'restored'
const APPS: readonly AppName[] = ['waiting-room', 'order-core', 'payment-worker', 'notifier']

let directory: TemporaryDirectory
beforeAll(async () => {
  directory = await temporaryDirectory()
})
afterAll(() => directory?.remove())
const testSystem = withSystem()

test('a restored backup knows what was in it, keeps the places of tickets, and the money check names what came later', async () => {
  const { operator, provider, inbox, system } = testSystem()
  await operator.openSale(SALE, { items: [coat(3)] })
  const early = await testSystem().admitted('early', SALE)
  const late = await testSystem().admitted('late', SALE)
  const before = await early.order()
  await early.untilOrderIs(before.id, 'confirmed')
  await eventually(async () => expect(await inbox.mailsTo(early.email)).toHaveLength(1))
  await operator.act(SALE, 'pause')
  const waiting = testSystem().buyer('waiting', SALE)
  const { place } = await waiting.join()

  const body = { name: 'Ada', role: 'viewer' as const, days: 1 }
  const { id: tokenId, token } = await bodyOf(operator.rooms.createToken({ body }))

  const backup = join(directory.path, 'backup')
  await backUpPostgres(system, backup)
  await bodyOf(operator.rooms.revokeToken({ params: { id: tokenId } }))
  // The backup knows nothing of this order, whose money the provider has.
  const after = await late.order()
  await late.untilOrderIs(after.id, 'confirmed')
  await eventually(async () => expect(await inbox.mailsTo(late.email)).toHaveLength(1))

  await Promise.all(APPS.map((app) => system.stopApp(app)))
  await restoreServers(system, backup)
  await Promise.all(APPS.map((app) => system.startApp(app)))

  expect(await early.readOrder(before.id)).toMatchObject({ status: 'confirmed', totalMinor: 12_450 })
  expectProblem(await late.tryToCancel(after.id), 'not-found')
  await expectStock(testSystem(), SALE, { available: 2, held: 0, sold: 1 })
  expect(await operator.sale(SALE)).toMatchObject({ state: 'paused' })
  await eventually(async () => expect(await waiting.status()).toMatchObject({ state: 'waiting' }))
  expect(await waiting.join()).toMatchObject({ place })
  expect(await bodyOf(operator.rooms.readOwnToken({ bearer: token }))).toMatchObject({ id: tokenId })
  const [charge] = await provider.chargesOf(after.id)
  expect(await checkMoney(system)).toMatchObject({
    ok: false,
    charges: 2,
    findings: [{ order: after.id, status: null, problem: 'charge-without-order', charges: [charge?.id] }],
  })

  // A repetition of the lost order finds its charge: the buyer pays once.
  expect(await late.insistOnOrder()).toMatchObject({ status: 201, body: { id: after.id } })
  await late.untilOrderIs(after.id, 'confirmed')
  expect(await provider.chargesOf(after.id)).toEqual([charge])
  // The backup does not know its mail either: it is sent again, and is the same mail to the buyer's program.
  await eventually(async () => {
    const mails = (await inbox.messages()).filter(({ to }) => to === late.email)
    expect(mails).toHaveLength(2)
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(1)
  })
  expect(await checkMoney(system)).toMatchObject({ ok: true, charges: 2, orders: 2, findings: [] })
  await expectStock(testSystem(), SALE, { available: 1, held: 0, sold: 2 })

  await operator.act(SALE, 'resume')
  await waiting.untilAdmitted()
  const last = await waiting.order()
  await waiting.untilOrderIs(last.id, 'confirmed')
  await eventually(async () => expect(await inbox.mailsTo(waiting.email)).toHaveLength(1))
  // Nobody was charged or mailed a second time for what the backup knew.
  const messages = await inbox.messages()
  expect(messages.filter(({ to }) => to === early.email)).toHaveLength(1)
  expect(await provider.chargesOf(before.id)).toHaveLength(1)
  await expectStock(testSystem(), SALE, { available: 0, held: 0, sold: 3 })
})
