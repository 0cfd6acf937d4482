import { createTestDatabase, type TestDatabase, tablesWith } from '@floodgate/testkit'
import type { Pool } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newestStates } from '../live/order-state.ts'
import { keepStates } from '../live/state-store.ts'
import { queueMails } from '../mail/mail-store.ts'
import { mailOf } from '../mail/notice.ts'
import { createOrder } from '../testing/fixture.ts'
import { eraseNotices } from './erase-orders.ts'

let database: TestDatabase
let pool: Pool
beforeAll(async () => {
  database = await createTestDatabase()
  pool = database.pool
})
afterAll(() => database.remove())

it('addresses and buyers are erased, and an unsent mail keeps its address until it is sent', async () => {
  const order = crypto.randomUUID()
  for (const status of ['sent', 'dead', 'queued'])
    await pool.query(
      `insert into notices.mails (event_id, order_id, kind, message_id, sealed_to, body, status, last_error)
       values ($1, $2, 'confirmed', $1, 'sealed-' || $1, '{}', $1, 'no luck')`,
      [status, order],
    )
  await pool.query(
    `insert into notices.order_states (order_id, sale, buyer, version, body)
     values ($1, 'demo', 'erased-buyer', 1, '{}'), (gen_random_uuid(), 'demo', 'another', 1, '{}')`,
    [order],
  )
  const erased = await eraseNotices(pool, { orders: [order] })
  expect(erased).toEqual({
    erased: {
      'notices.mails': 2,
      'notices.webhooks': 0,
      'notices.inbox': 0,
      'notices.order_states': 1,
      'notices.reminders': 0,
    },
    remaining: [{ what: 'mail queued', why: 'it is not sent yet', order }],
  })
  for (const secret of ['sealed-sent', 'sealed-dead', 'erased-buyer'])
    expect(await tablesWith(pool, secret)).toEqual([])
  expect(await tablesWith(pool, 'sealed-queued')).toEqual(['notices.mails'])
  expect(await tablesWith(pool, 'another')).toEqual(['notices.order_states'])

  await pool.query(`update notices.mails set status = 'sent'`)
  const again = await eraseNotices(pool, { orders: [order] })
  expect(again).toEqual({
    erased: {
      'notices.mails': 1,
      'notices.webhooks': 0,
      'notices.inbox': 0,
      'notices.order_states': 0,
      'notices.reminders': 0,
    },
    remaining: [],
  })
  expect(await tablesWith(pool, 'sealed-')).toEqual([])
})

it('a late event of an erased order restores neither its buyer nor the address', async () => {
  const [known, unknown, other] = [await createOrder(), await createOrder(), await createOrder()]
  const hear = async (order: Awaited<ReturnType<typeof createOrder>>) => {
    const event = order.confirmed()
    const mail = mailOf(event)
    await keepStates(pool, newestStates([event]))
    await queueMails(pool, mail === undefined ? [] : [mail], 'example.org')
  }
  await keepStates(pool, newestStates([known.placed()]))
  await eraseNotices(pool, { orders: [known.id, unknown.id] })
  for (const order of [known, unknown, other]) await hear(order)
  const states = await pool.query(
    `select order_id as id from notices.order_states where buyer <> '' and order_id = any ($1)`,
    [[known.id, unknown.id, other.id]],
  )
  expect(states.rows).toEqual([{ id: other.id }])
  const mails = await pool.query('select order_id as id from notices.mails where order_id = any ($1)', [
    [known.id, unknown.id, other.id],
  ])
  expect(mails.rows).toEqual([{ id: other.id }])
})
