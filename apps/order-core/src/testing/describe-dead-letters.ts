import { randomUUID } from 'node:crypto'
import {
  deadLetter,
  deadLetterGroups,
  deadLetterPage,
  deadLettersDropped,
  deadLettersReplayed,
  encodeEvent,
  orderPlaced,
  problemBody,
  stockAudit,
} from '@floodgate/contracts'
import { createEventBus, type EventBus, type EventBusOptions } from '@floodgate/event-bus'
import { eventually, ownRedis } from '@floodgate/testkit'
import { ADMIN_TOKEN, silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, createTestCore, type TestCore } from './running-core.ts'

const GROUP = 'order-core.saga'
const LETTERS = `/admin/dead-letters/${GROUP}`

/** Tests an order core with an event it cannot handle, and an operator who fixes the cause. On either bus. */
export function describeDeadLetters(
  name: string,
  openBus: (redisUrl: string) => Promise<{ options: EventBusOptions; settings: Readonly<Record<string, string>> }>,
): void {
  describe(`an order core on ${name}`, () => {
    let core: TestCore
    let bus: EventBus

    beforeAll(async () => {
      const redis = await ownRedis()
      const { options, settings } = await openBus(redis.url)
      core = await createTestCore({ redis, settings })
      await core.saveCatalogue([{}])
      bus = createEventBus(options)
    })
    afterAll(async () => {
      await bus?.close()
      await core?.remove()
    })

    const asOperator = (path: string, method = 'GET', body?: unknown) =>
      call(`${core.url}${path}`, { method, token: ADMIN_TOKEN, ...(body === undefined ? {} : { body }) })
    const listed = async () => deadLetterPage.parse((await asOperator(LETTERS)).body).letters
    const replay = async (ids: readonly string[]) =>
      deadLettersReplayed.parse((await asOperator(`${LETTERS}/replay`, 'POST', { ids })).body).letters
    const metrics = async () => (await call(`${core.opsUrl}/metrics`)).text
    const expectMetric = async (series: string, value: number) => {
      const [metric = '', labels = ''] = series.split(' ')
      const pattern = new RegExp(`^${metric}\\{${labels}.*\\} ${value}$`, 'm')
      await eventually(async () => expect(await metrics()).toMatch(pattern))
    }
    const place = async (token: string) => {
      const body = { items: [{ sku: 'tea', quantity: 1 }], email: 'a@example.org', paymentMethod: 'sim_ok' }
      const response = await call(`${core.url}/orders`, { method: 'POST', token, key: randomUUID(), body })
      return orderPlaced.parse(response.body).id
    }
    const pay = (order: string) => {
      const data = { order, sale: 'demo', amountMinor: 10, currency: 'EUR', charge: `charge of ann@example.org` }
      const envelope = { id: randomUUID(), source: '/floodgate/test', time: new Date().toISOString() }
      return bus.publish([encodeEvent({ type: 'payment.succeeded.v1', ...envelope, aggregateVersion: 1, data })])
    }
    const statusOf = async (order: string, token: string) =>
      ((await call(`${core.url}/orders/${order}`, { token })).body as { status: string }).status

    it('lists an event that it cannot handle, and finishes its order once the cause is fixed', async () => {
      const tokens = await Promise.all(['ann', 'ben'].map((sub) => core.issuer.sign({ sub })))
      const [annToken = '', benToken = ''] = tokens
      const ann = await place(annToken)
      const ben = await place(benToken)
      await core.pool.query(`
        create function orders.refuse() returns trigger language plpgsql as
          $$ begin raise exception 'no room for ann@example.org'; end $$;
        create trigger refuse before update on orders.orders for each row when (old.id = '${ann}') execute function orders.refuse()`)
      await pay(ann)
      await pay(ben)
      await eventually(async () => expect(await statusOf(ben, benToken)).toBe('confirmed'))
      await eventually(async () => expect(await listed()).toHaveLength(1))

      const [letter] = await listed()
      const id = String(letter?.id)
      expect(letter).toMatchObject({
        group: GROUP,
        topic: 'floodgate.payments',
        key: ann,
        type: 'payment.succeeded.v1',
      })
      expect(letter?.reason).toContain('no room for [masked]')
      const shown = await asOperator(`${LETTERS}/${id}`)
      expect(deadLetter.parse(shown.body)).toMatchObject({ id, data: { order: ann, amountMinor: 10 }, text: null })
      expect(shown.text).not.toContain('example.org')
      const groups = deadLetterGroups.parse((await asOperator('/admin/dead-letters')).body).groups
      expect(groups).toContainEqual({ group: GROUP, letters: 1 })
      // Every group in which this process consumes is listed.
      const consuming = [...(await metrics()).matchAll(/^floodgate_consumer_lag\{group="([^"]+)"/gm)].map(
        ([, each]) => each,
      )
      expect(groups.map(({ group }) => group).toSorted()).toEqual(consuming.toSorted())
      await expectMetric(`floodgate_dead_letters_total group="${GROUP}",topic="floodgate.payments"`, 1)
      await expectMetric(`floodgate_dead_letters_waiting group="${GROUP}"`, 1)
      expect(await statusOf(ann, annToken)).toBe('pending')

      expect(await replay([id])).toMatchObject([{ id, outcome: 'failed' }])
      expect(await listed()).toMatchObject([{ id, replays: 1 }])
      await core.pool.query('drop trigger refuse on orders.orders')
      expect(await replay([id])).toEqual([{ id, outcome: 'handled', reason: null }])
      expect(await replay([id])).toEqual([{ id, outcome: 'missing', reason: null }])
      await eventually(async () => expect(await statusOf(ann, annToken)).toBe('confirmed'))
      await eventually(async () => {
        const audit = stockAudit.parse((await asOperator('/admin/sales/demo/stock')).body)
        expect(audit).toMatchObject({ agree: true, skus: [{ postgres: { available: 8, held: 0, sold: 2 } }] })
      })
      expect(await listed()).toEqual([])
      await expectMetric(`floodgate_dead_letters_waiting group="${GROUP}"`, 0)
      await expectMetric(`floodgate_dead_letter_replays_total group="${GROUP}",outcome="handled"`, 1)
      await expectMetric(`floodgate_dead_letter_replays_total group="${GROUP}",outcome="failed"`, 1)
    })

    it('drops an unreadable event', async () => {
      const headers = {
        ce_id: 'x',
        ce_type: 'payment.succeeded.v1',
        ce_source: '/test',
        ce_time: 'now',
        ce_aggregateversion: '1',
      }
      const value = '{"order":"o1","email":"ann@example.org","paymentMethod":"pm_4242'
      const unreadable = { topic: 'floodgate.payments', key: 'o1', headers, value } as const
      await bus.publish([unreadable, unreadable, unreadable])
      await eventually(async () => expect(await listed()).toHaveLength(3))
      const ids = (await listed()).map(({ id }) => id)
      const [first = ''] = ids
      const shown = deadLetter.parse((await asOperator(`${LETTERS}/${first}`)).body)
      expect(shown).toMatchObject({ data: null, text: '{"order":"o1","email":"[masked]","paymentMethod":"[masked]"' })
      expect((await asOperator(`${LETTERS}/${first}`, 'DELETE')).status).toBe(204)
      expect((await asOperator(`${LETTERS}/${first}`, 'DELETE')).status).toBe(404)
      const dropped = await asOperator(`${LETTERS}/drop`, 'POST', { ids })
      expect(deadLettersDropped.parse(dropped.body).dropped.toSorted()).toEqual(ids.slice(1).toSorted())
      expect(await listed()).toEqual([])
      await expectMetric(`floodgate_dead_letters_dropped_total group="${GROUP}"`, 3)
    })

    it.each([
      ['GET', '/admin/dead-letters', undefined, 401, 'unauthorized', 'wrong'],
      ['GET', `${LETTERS}/1`, undefined, 401, 'unauthorized', undefined],
      ['POST', `${LETTERS}/replay`, { ids: ['1'] }, 401, 'unauthorized', 'wrong'],
      ['POST', `${LETTERS}/drop`, 'nonsense', 401, 'unauthorized', undefined],
      ['DELETE', `${LETTERS}/1`, undefined, 401, 'unauthorized', 'wrong'],
      ['GET', '/admin/dead-letters/notifier.mails', undefined, 404, 'not-found', ADMIN_TOKEN],
      ['GET', '/admin/dead-letters/..%2f%00', undefined, 404, 'not-found', ADMIN_TOKEN],
      ['DELETE', `${LETTERS}/%00`, undefined, 404, 'not-found', ADMIN_TOKEN],
      ['DELETE', `${LETTERS}/*`, undefined, 404, 'not-found', ADMIN_TOKEN],
      ['GET', `${LETTERS}?cursor=abc`, undefined, 400, 'invalid-request', ADMIN_TOKEN],
      ['GET', `${LETTERS}?limit=101`, undefined, 400, 'invalid-request', ADMIN_TOKEN],
      ['GET', `${LETTERS}?group=x`, undefined, 400, 'invalid-request', ADMIN_TOKEN],
      ['GET', `${LETTERS}/123-4`, undefined, 404, 'not-found', ADMIN_TOKEN],
      ['POST', `${LETTERS}/replay`, { ids: [] }, 400, 'invalid-request', ADMIN_TOKEN],
      ['POST', `${LETTERS}/replay`, { ids: Array.from({ length: 101 }, String) }, 400, 'invalid-request', ADMIN_TOKEN],
      ['POST', `${LETTERS}/drop`, { ids: ['*'] }, 400, 'invalid-request', ADMIN_TOKEN],
      ['POST', '/admin/dead-letters/notifier.mails/drop', { ids: ['1'] }, 404, 'not-found', ADMIN_TOKEN],
    ])('%s %s %j: %i %s', async (method, path, body, status, code, token) => {
      const given = { ...(token === undefined ? {} : { token }), ...(body === undefined ? {} : { body }) }
      const response = await call(`${core.url}${path}`, { method, ...given })
      expect({ status: response.status, code: problemBody.parse(response.body).code }).toEqual({ status, code })
    })
  })
}

export const commonOptions = { clientId: 'test', log: silentLogger }
