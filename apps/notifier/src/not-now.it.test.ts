import { createRecordingBus, type RecordingBus } from '@floodgate/event-bus/testing'
import { eventually, NOT_NOW_STATES, rejectWrites, type WriteFault } from '@floodgate/testkit'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { subscribeToOrders } from './consume-orders.ts'
import { createNotifierMetrics } from './metrics.ts'
import { createOrder, type Fixture, startFixture } from './testing/fixture.ts'

let fixture: Fixture
let bus: RecordingBus
let problems: WriteFault
beforeAll(async () => {
  fixture = await startFixture()
  bus = createRecordingBus()
  subscribeToOrders({
    bus,
    pool: fixture.pool,
    metrics: createNotifierMetrics(new Registry(), { sockets: () => 0, stockSockets: () => 0 }),
    channel: {
      tell: async () => undefined,
      tellPayments: async () => undefined,
      ready: () => true,
      close: async () => undefined,
    },
    ...{ mailHost: 'floodgate.invalid', mailDays: 365, stateDays: 365 },
    onMailQueued: () => undefined,
    ...{ endpoints: [{ name: 'shop', url: 'http://127.0.0.1:1' }], webhookDays: 30, inboxDays: 90 },
    onWebhookQueued: () => undefined,
  })
  problems = await rejectWrites(fixture.pool, 'notices')
})
afterAll(() => fixture.stop())

const consumers = [
  { group: 'notifier.mails', text: 'select kind as known from notices.mails where order_id = $1' },
  { group: 'notifier.live', text: "select body->>'status' as known from notices.order_states where order_id = $1" },
  { group: 'notifier.inbox', text: 'select kind as known from notices.inbox where order_id = $1' },
  {
    group: 'notifier.webhooks',
    text: "select substr(type, length('order.') + 1) as known from notices.webhooks where order_id = $1",
  },
]

describe('a Postgres that cannot write for now', () => {
  it('covers every consumer', () => {
    expect([...bus.groups()].sort()).toEqual(consumers.map(({ group }) => group).sort())
  })

  it.each(consumers)('makes no dead letter in $group, which finishes afterwards', async ({ group, text }) => {
    const order = await createOrder()
    const event = order.confirmed()
    for (const state of NOT_NOW_STATES) {
      await problems.begin(state)
      expect(await bus.deliver(group, [event]), state).toMatchObject({ kind: 'waits' })
    }
    await problems.end()
    expect(await bus.deliver(group, [event])).toEqual({ kind: 'handled' })
    expect((await fixture.pool.query(text, [order.id])).rows).toEqual([{ known: 'confirmed' }])
  })

  it('costs no mail: all are sent afterwards, and none is given up', async () => {
    const notifier = await fixture.startNotifier({ MAIL_ATTEMPTS: '1', MAILS_PER_SECOND: '500' })
    try {
      const ask = (path: string) =>
        fetch(`${notifier.url()}${path}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${fixture.adminToken}` },
        })
      const orders = await fixture.insertMails(5)
      for (const state of NOT_NOW_STATES) {
        await problems.begin(state)
        const rejected = await ask('/admin/mails/retry')
        expect([rejected.status, rejected.headers.get('retry-after')], state).toEqual([
          503,
          expect.stringMatching(/^\d+$/),
        ])
        orders.push(...(await insertRejected()))
      }
      await problems.end()
      await eventually(async () => {
        for (const order of orders) expect(await fixture.mailRows(order)).toMatchObject([{ status: 'sent' }])
      })
      for (const order of orders) expect(await fixture.mailsOf(order)).not.toHaveLength(0)
    } finally {
      await notifier.stop()
    }
  })
})

/** Adds a mail between two rejected writes, so that some are always due. */
async function insertRejected(): Promise<string[]> {
  await problems.end()
  return await fixture.insertMails(1)
}
