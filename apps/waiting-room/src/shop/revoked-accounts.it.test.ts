import { eventually } from '@floodgate/testkit'
import { expectProblem } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type AccountBuyers, claimsOf, createAccountBuyers } from '../testing/account-buyers.ts'
import { SHOP } from '../testing/shop-buyers.ts'
import { expectHealthy, type Rooms, startRooms } from '../testing/start-rooms.ts'

let rooms: Rooms
let accounts: AccountBuyers
beforeAll(async () => {
  rooms = await startRooms(1, { isPostgresOwn: true })
  await eventually(() => expectHealthy(rooms.rooms[0]))
  accounts = await createAccountBuyers(rooms)
})
afterAll(async () => {
  accounts.issuer.close()
  await rooms.remove()
})

const handOver = (sale: string, ticket: string) =>
  rooms.request('POST', `/sales/${sale}/handover`, { headers: accounts.bearer(ticket), body: {} })

async function admitAccount(claims: { sub: string; jti?: string }) {
  const sale = await accounts.openSale('required', { returnOrigins: [SHOP], defaultReturnUrl: `${SHOP}/` })
  const { ticket } = await accounts.join(sale, await accounts.key.sign(claims))
  const { admission } = await accounts.untilAdmitted(sale, ticket)
  expect((await handOver(sale, ticket)).status).toBe(200)
  return { sale, ticket, admission }
}

it('an account that the shop revokes is not sent back to it, and its turn is not extended', async () => {
  const { sale, ticket, admission } = await admitAccount({ sub: 'revoked' })
  expect((await accounts.revoke({ subject: 'revoked' })).status).toBe(201)
  await eventually(async () => expectProblem(await handOver(sale, ticket), 'identity-revoked'))
  const extended = await rooms.request('POST', `/sales/${sale}/admission/extension`, {
    headers: accounts.bearer(admission),
    body: { number: 1 },
  })
  await expectProblem(extended, 'identity-revoked')
})

it('a revoked ID token is rejected, and a report about its turn counts once', async () => {
  const { sale, ticket, admission } = await admitAccount({ sub: 'one-token', jti: 'a-revoked-token' })
  expect((await accounts.revoke({ jti: 'a-revoked-token' })).status).toBe(201)
  await eventually(async () => expectProblem(await handOver(sale, ticket), 'identity-revoked'))
  for (let repeated = 0; repeated < 2; repeated += 1) {
    const headers = accounts.bearer(admission)
    expect((await rooms.request('POST', `/sales/${sale}/admission/finished`, { headers })).status).toBe(204)
  }
  await eventually(async () => {
    const response = await rooms.request('GET', `/sales/${sale}/revocations`)
    expect(await response.text()).toContain(claimsOf(admission).jti)
  })
})

it('while the revocations cannot be read, the shop extends turns only in a sale without accounts', async () => {
  const { sale, admission } = await admitAccount({ sub: 'unknown' })
  const anonymousSale = await accounts.openSale(null)
  const anonymous = await accounts.untilAdmitted(anonymousSale, (await accounts.join(anonymousSale)).ticket)
  const extend = (at: string, pass: string) =>
    rooms.request('POST', `/sales/${at}/admission/extension`, { headers: accounts.bearer(pass), body: { number: 1 } })
  await rooms.postgres?.kill()
  const idToken = await accounts.key.sign({ sub: 'another' })
  await eventually(async () => expectProblem(await accounts.tryJoin(sale, idToken), 'unavailable'))
  await expectProblem(await extend(sale, admission), 'unavailable')
  expect((await extend(anonymousSale, anonymous.admission)).status).toBe(200)
  await rooms.postgres?.restart()
  await eventually(async () => expect((await accounts.tryJoin(sale, idToken)).ok).toBe(true))
  expect((await extend(sale, admission)).status).toBe(200)
})
