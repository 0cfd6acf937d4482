import { eventually } from '@floodgate/testkit'
import { expectProblem } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { claimsOf, createIdentityWorld, type IdentityWorld } from '../testing/identity-world.ts'
import { SHOP } from '../testing/shop-buyers.ts'
import { expectHealthy, type Rooms, startRooms } from '../testing/start-rooms.ts'

let rooms: Rooms
let world: IdentityWorld
beforeAll(async () => {
  rooms = await startRooms(1, { isPostgresOwn: true })
  await eventually(() => expectHealthy(rooms.rooms[0]))
  world = await createIdentityWorld(rooms)
})
afterAll(async () => {
  world.issuer.close()
  await rooms.remove()
})

const handOver = (sale: string, ticket: string) =>
  rooms.request('POST', `/sales/${sale}/handover`, { headers: world.bearer(ticket), body: {} })

async function admitAccount(claims: { sub: string; jti?: string }) {
  const sale = await world.openSale('required', { returnOrigins: [SHOP], defaultReturnUrl: `${SHOP}/` })
  const { ticket } = await world.join(sale, await world.key.sign(claims))
  const { admission } = await world.untilAdmitted(sale, ticket)
  expect((await handOver(sale, ticket)).status).toBe(200)
  return { sale, ticket, admission }
}

it('an account that the shop revokes is not sent back to it, and its turn is not extended', async () => {
  const { sale, ticket, admission } = await admitAccount({ sub: 'revoked' })
  expect((await world.revoke({ subject: 'revoked' })).status).toBe(201)
  await eventually(async () => expectProblem(await handOver(sale, ticket), 'identity-revoked'))
  const extended = await rooms.request('POST', `/sales/${sale}/admission/extension`, {
    headers: world.bearer(admission),
    body: { number: 1 },
  })
  await expectProblem(extended, 'identity-revoked')
})

it('a revoked ID token is rejected, and a report about its turn counts once', async () => {
  const { sale, ticket, admission } = await admitAccount({ sub: 'one-token', jti: 'a-revoked-token' })
  expect((await world.revoke({ jti: 'a-revoked-token' })).status).toBe(201)
  await eventually(async () => expectProblem(await handOver(sale, ticket), 'identity-revoked'))
  for (let repeated = 0; repeated < 2; repeated += 1) {
    const headers = world.bearer(admission)
    expect((await rooms.request('POST', `/sales/${sale}/admission/finished`, { headers })).status).toBe(204)
  }
  await eventually(async () => {
    const response = await rooms.request('GET', `/sales/${sale}/revocations`)
    expect(await response.text()).toContain(claimsOf(admission).jti)
  })
})

it('while the revocations cannot be read, the shop extends turns only in a sale without accounts', async () => {
  const { sale, admission } = await admitAccount({ sub: 'unknown' })
  const anonymousSale = await world.openSale(null)
  const anonymous = await world.untilAdmitted(anonymousSale, (await world.join(anonymousSale)).ticket)
  const extend = (at: string, pass: string) =>
    rooms.request('POST', `/sales/${at}/admission/extension`, { headers: world.bearer(pass), body: { number: 1 } })
  await rooms.postgres?.kill()
  const idToken = await world.key.sign({ sub: 'another' })
  await eventually(async () => expectProblem(await world.tryJoin(sale, idToken), 'unavailable'))
  await expectProblem(await extend(sale, admission), 'unavailable')
  expect((await extend(anonymousSale, anonymous.admission)).status).toBe(200)
  await rooms.postgres?.restart()
  await eventually(async () => expect((await world.tryJoin(sale, idToken)).ok).toBe(true))
  expect((await extend(sale, admission)).status).toBe(200)
}, 60_000)
