import { eventually, loseResponses } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSender } from '../delivery/sender.ts'
import { createServerPace } from '../delivery/server-pace.ts'
import { type Fixture, startFixture } from '../testing/fixture.ts'
import { createMailQueue, type QueuedMail } from './mail-store.ts'

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
  const queue = createMailQueue(pool)
  const [order] = await fixture.insertMails(1)
  await expect(createMailQueue(loseResponses(pool, /^update/)).claim(claim)).rejects.toThrow()
  expect(lost).toEqual([])
  // The server ends the transaction when it detects that the connection is gone.
  await eventually(() => expect(createMailQueue(loseResponses(pool, /^commit/)).claim(claim)).rejects.toThrow())
  expect(lost.map(({ orderId }) => orderId)).toEqual([order])
  expect(await queue.claim(claim)).toEqual([])

  await queue.giveBack(lost, { tried: false })
  const mails = await queue.claim(claim)
  expect(mails).toMatchObject([{ orderId: order, attempts: 1 }])
  // Late news about the lost claim affects no other claim.
  await queue.giveBack(lost, { tried: false })
  expect(await queue.claim(claim)).toEqual([])
  // A mail that was tried counts as tried.
  await queue.giveBack(mails, { tried: true })
  expect(await queue.claim(claim)).toEqual([])
  expect(await queue.claim({ ...claim, of: 'tried' })).toMatchObject([{ orderId: order, attempts: 2 }])
})

test('claimed mails that the database cannot defer are claimed again at once', async () => {
  const { pool } = fixture
  await fixture.insertMails(3)
  const begun = new Set<string>()
  const stopping = new AbortController()
  let holds = 0
  const sender = createSender({
    ...{
      ...{ name: 'mails', queue: createMailQueue(pool), log: silentLogger },
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
    onTried: () => undefined,
  })
  const running = sender.run(stopping.signal)
  await eventually(() => expect(begun.size).toBe(3))
  stopping.abort()
  await running
})
