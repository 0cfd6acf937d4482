import { expect, it } from 'vitest'
import { runWith } from '../testing/surroundings.ts'

const id = '0a4d7f3b-8c1e-4e5f-8a9b-0c1d2e3f4a5b'
const rejected = {
  ...{ id, order: '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b', sale: 'demo', amountMinor: 450, currency: 'EUR' },
  ...{ status: 'refused', reason: 'disputed', reference: null },
  ...{ requestedAt: '2027-03-28T10:00:00.000Z', updatedAt: '2027-03-28T10:00:01.000Z' },
}

/** A worker with this refund, and the bodies that it was sent. */
function workerWith(refunds: readonly object[]) {
  const sent: unknown[] = []
  const fetch = (async (url: string, init?: RequestInit) => {
    if (init?.method === 'GET') return Response.json({ refunds })
    sent.push({ path: new URL(url).pathname, body: JSON.parse(String(init?.body)) })
    return Response.json({ ...rejected, status: 'refunded', reason: 'made by hand', reference: 're_1' })
  }) as typeof globalThis.fetch
  return { sent, fetch }
}

it('refunds list shows why each was rejected, and ends with 1 while there are some', async () => {
  const some = await runWith(['refunds', 'list'], { fetch: workerWith([rejected]).fetch })
  expect(some).toMatchObject({ exit: 1, out: expect.stringContaining('disputed') })
  const none = await runWith(['refunds', 'list'], { fetch: workerWith([]).fetch })
  expect(none).toMatchObject({ exit: 0, out: expect.stringContaining('No refund was rejected.') })
})

it('refunds made sends the reference once the question is answered with yes', async () => {
  const { sent, fetch } = workerWith([rejected])
  const words = ['refunds', 'made', id, '--reference', 're_1']
  expect(await runWith(words, { fetch, typed: 'n\n' })).toMatchObject({ exit: 5 })
  expect(sent).toEqual([])
  expect(await runWith([...words, '--yes'], { fetch })).toMatchObject({ exit: 0 })
  expect(sent).toEqual([{ path: `/admin/refunds/${id}/made`, body: { reference: 're_1' } }])
})

it('refunds made without a reference is rejected, and sends nothing', async () => {
  const { sent, fetch } = workerWith([rejected])
  expect(await runWith(['refunds', 'made', id, '--yes'], { fetch })).toMatchObject({ exit: 2 })
  expect(sent).toEqual([])
})
