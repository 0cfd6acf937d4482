import { type MailResource, mailPage, mailResource, mailsRetried } from '@floodgate/contracts'
import { eventually, wrongMethods } from '@floodgate/testkit'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Fixture, startFixture } from '../testing/fixture.ts'

let fixture: Fixture
let notifier: Awaited<ReturnType<Fixture['startNotifier']>>

beforeAll(async () => {
  fixture = await startFixture()
  notifier = await fixture.startNotifier({ MAIL_ATTEMPTS: '1', MAILS_PER_SECOND: '500' })
})
afterAll(async () => {
  await notifier.stop()
  await fixture.stop()
})
beforeEach(async () => {
  await fixture.controlMail({ mode: 'ok' })
  await fixture.pool.query('delete from notices.mails')
})

const ask = (path: string, options: { method?: string; token?: string; body?: string; type?: string } = {}) =>
  fetch(`${notifier.url()}${path}`, {
    method: options.method ?? 'GET',
    headers: {
      authorization: `Bearer ${options.token ?? fixture.adminToken}`,
      ...(options.body !== undefined && { 'content-type': options.type ?? 'application/json' }),
    },
    ...(options.body !== undefined && { body: options.body }),
  })
const list = async (query: string) => mailPage.parse(await (await ask(`/admin/mails?${query}`)).json())
const post = (path: string, body?: string) => ask(path, { method: 'POST', ...(body !== undefined && { body }) })

/** Creates mails that the server rejected permanently. */
const deadMails = async (count: number): Promise<MailResource[]> => {
  await fixture.controlMail({ mode: 'refuse', at: 'recipient', code: 550 })
  await fixture.insertMails(count)
  const dead = await eventually(async () => {
    const { mails } = await list('state=dead&limit=1000')
    expect(mails).toHaveLength(count)
    return mails
  })
  await fixture.controlMail({ mode: 'ok' })
  return dead
}

test('dead mails are listed, oldest first, page by page, without an address', async () => {
  const dead = await deadMails(5)
  expect(dead[0]).toMatchObject({
    state: 'dead',
    attempts: 1,
    rejections: 1,
    error: 'EENVELOPE 550 RCPT TO',
    dueAt: null,
  })
  expect(JSON.stringify(dead)).not.toContain('@example.org')
  const first = await list('state=dead&limit=3')
  const second = await list(`state=dead&limit=3&after=${first.next}`)
  expect([...first.mails, ...second.mails]).toEqual(dead)
  expect(second.next).toBeNull()
})

test('a retried dead mail is sent, with all its attempts again', async () => {
  const [{ id = '', order = '' } = {}] = await deadMails(1)
  await fixture.pool.query('update notices.mails set rejections = 3')
  const retried = mailResource.parse(await (await post(`/admin/mails/${id}/retry`)).json())
  expect(retried).toMatchObject({ id, state: 'queued', rejections: 0 })
  await eventually(async () =>
    expect((await fixture.mailRows(order))[0]).toMatchObject({ status: 'sent', rejections: 0 }),
  )
  const again = await post(`/admin/mails/${id}/retry`, '{}')
  expect([again.status, await again.json()]).toMatchObject([409, { code: 'mail-sent' }])
  expect(await fixture.mailsOf(order)).toHaveLength(1)
})

test('all dead mails are retried at once', async () => {
  const dead = await deadMails(30)
  expect(mailsRetried.parse(await (await post('/admin/mails/retry')).json())).toEqual({ retried: 30, dead: 0 })
  for (const { order } of dead)
    await eventually(async () => expect((await fixture.mailRows(order))[0]).toMatchObject({ status: 'sent' }))
  expect(mailsRetried.parse(await (await post('/admin/mails/retry', '{}')).json())).toEqual({ retried: 0, dead: 0 })
})

test('a waiting mail is tried at once on request, and is not taken out of its lease', async () => {
  await fixture.controlMail({ mode: 'fail' })
  const [order = ''] = await fixture.insertMails(1)
  const [waiting] = await eventually(async () => {
    const { mails } = await list('state=deferred')
    expect(mails).toHaveLength(1)
    return mails
  })
  const id = waiting?.id ?? ''
  await fixture.controlMail({ mode: 'ok' })
  await fixture.pool.query(`update notices.mails set due_at = now() + interval '10 minutes'`)
  expect((await post(`/admin/mails/${id}/retry`)).status).toBe(200)
  await eventually(async () => expect((await fixture.mailRows(order))[0]).toMatchObject({ status: 'sent' }))

  await fixture.controlMail({ mode: 'mute', at: 'data' })
  const [underWay = ''] = await fixture.insertMails(1)
  await eventually(async () => expect((await fixture.mailRows(underWay))[0]).toMatchObject({ attempts: 1 }))
  const [{ id: underWayId = '' } = {}] = (await list('state=queued')).mails
  for (let retry = 0; retry < 3; retry += 1) await post(`/admin/mails/${underWayId}/retry`)
  const due = await fixture.pool.query(`select 1 from notices.mails where order_id = $1 and due_at > now()`, [underWay])
  expect(due.rows).toHaveLength(1)
})

test('bad requests change nothing', async () => {
  const [{ id = '' } = {}] = await deadMails(1)
  const problems = await Promise.all([
    ask('/admin/mails?state=dead', { token: 'another-token-of-somebody' }),
    ask('/admin/mails?state=gone', { token: 'another-token-of-somebody' }),
    ask(`/admin/mails/${id}/retry`, { method: 'POST', token: 'another-token-of-somebody' }),
    ask('/admin/mails/retry', { method: 'POST', token: 'another-token-of-somebody' }),
    ask('/admin/mails'),
    ask('/admin/mails?state=sent'),
    ask('/admin/mails?state=dead&limit=1001'),
    ask('/admin/mails?state=dead&limit=0'),
    ask('/admin/mails?state=dead&after=%00'),
    ask('/admin/mails?state=dead&order=1'),
    post(`/admin/mails/${id}/retry`, '{"state":"dead"}'),
    post('/admin/mails/retry', '[]'),
    ask('/admin/mails/retry', { method: 'POST', body: '{}', type: 'text/plain' }),
    post('/admin/mails/unknown/retry'),
    ask(`/admin/mails/${id}/retry`),
  ])
  expect(problems.map(({ status }) => status)).toEqual([
    401, 401, 401, 401, 400, 400, 400, 400, 400, 400, 400, 400, 415, 404, 405,
  ])
  expect((await list('state=dead')).mails).toMatchObject([{ id, state: 'dead' }])
})

test('the API document has the three routes', async () => {
  const document = (await (await fetch(`${notifier.opsUrl()}/openapi.json`)).json()) as { paths: object }
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining(['/admin/mails', '/admin/mails/retry', '/admin/mails/{id}/retry']),
  )
})

test('rejects unsupported methods of a path with 405 and `Allow`, and operators without a token', async () => {
  const { adminToken } = fixture
  expect(await wrongMethods({ app: 'notifier', url: notifier.url(), adminToken })).toEqual([])
})
