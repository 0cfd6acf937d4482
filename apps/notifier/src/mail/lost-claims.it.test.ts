import { eventually, loseResponses } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { NO_TRACING } from '@floodgate/tracing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Fixture, startFixture } from '../testing/fixture.ts'
import { claimMails, giveBackMails, type QueuedMail } from './mail-store.ts'
import { createSender } from './sender.ts'
import { createServerPace } from './server-pace.ts'

let fixture: Fixture
beforeAll(async () => {
  fixture = await startFixture()
})
afterAll(() => fixture.stop())

const lost: QueuedMail[] = []
const claim = {
  of: 'fresh',
  max: 10,
  leaseMs: 600_000,
  hoursMax: 24,
  onLost: (mails: readonly QueuedMail[]) => void lost.push(...mails),
} as const

test('a claim whose response is lost leaves its mails free, whichever response it was', async () => {
  const { pool } = fixture
  const [order] = await fixture.insertMails(1)
  await expect(claimMails(loseResponses(pool, /^update/), claim)).rejects.toThrow()
  expect(lost).toEqual([])
  // The server ends the transaction when it detects that the connection is gone.
  await eventually(() => expect(claimMails(loseResponses(pool, /^commit/), claim)).rejects.toThrow())
  expect(lost.map(({ orderId }) => orderId)).toEqual([order])
  expect(await claimMails(pool, claim)).toEqual([])

  await giveBackMails(pool, lost, { tried: false })
  const mails = await claimMails(pool, claim)
  expect(mails).toMatchObject([{ orderId: order, attempts: 1 }])
  // Late news about the lost claim affects no other claim.
  await giveBackMails(pool, lost, { tried: false })
  expect(await claimMails(pool, claim)).toEqual([])
  // A mail that was tried counts as tried.
  await giveBackMails(pool, mails, { tried: true })
  expect(await claimMails(pool, claim)).toEqual([])
  expect(await claimMails(pool, { ...claim, of: 'tried' })).toMatchObject([{ orderId: order, attempts: 2 }])
})

test('claimed mails that the database cannot defer are claimed again at once', async () => {
  const { pool } = fixture
  await fixture.insertMails(3)
  const begun = new Set<string>()
  const stopping = new AbortController()
  let holds = 0
  const sender = createSender({
    ...{
      pool,
      ...{ log: silentLogger, tracing: NO_TRACING },
      concurrency: 10,
      perSecondMax: 1_000,
      sendMsMax: 600_000,
      retryHours: 24,
    },
    attempt: {
      async hold() {
        holds += 1
        if (holds === 2) throw new Error('Connection terminated unexpectedly')
        return false
      },
      async run({ orderId }) {
        begun.add(orderId)
        return 'sent'
      },
    },
    pace: createServerPace({ placesMax: 10 }),
    onOutcome: () => undefined,
  })
  const running = sender.run(stopping.signal)
  await eventually(() => expect(begun.size).toBe(3))
  stopping.abort()
  await running
})
