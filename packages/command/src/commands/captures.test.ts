import { expect, it } from 'vitest'
import { runWith } from '../testing/surroundings.ts'

const order = '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b'
const refused = {
  ...{ order, sale: 'demo', amountMinor: 450, currency: 'EUR', charge: 'pi_1', status: 'refused' },
  ...{
    reason: 'the authorization has ended',
    dueAt: '2027-03-28T11:00:01.000Z',
    updatedAt: '2027-03-28T10:00:01.000Z',
  },
}

/** A worker with these captures, and the paths of what it was sent. */
function workerWith(captures: readonly { readonly status: string }[]) {
  const sent: string[] = []
  const fetch = (async (url: string, init?: RequestInit) => {
    if (init?.method === 'GET') return Response.json({ captures })
    sent.push(new URL(url).pathname)
    return Response.json(captures[0])
  }) as typeof globalThis.fetch
  return { sent, fetch }
}

it('captures list shows why each was refused, and ends with 1 while there are some', async () => {
  const some = await runWith(['captures', 'list'], { fetch: workerWith([refused]).fetch })
  expect(some).toMatchObject({ exit: 1, out: expect.stringContaining('the authorization has ended') })
  const none = await runWith(['captures', 'list'], { fetch: workerWith([]).fetch })
  expect(none).toMatchObject({ exit: 0, out: expect.stringContaining('No capture was refused.') })
})

it.each([
  ['refused', 'is tried to be taken again'],
  ['captured', 'is captured, and is left as it is'],
])('captures repeat of one that is %s tells what becomes of it', async (status, told) => {
  const { sent, fetch } = workerWith([{ ...refused, status }])
  expect(await runWith(['captures', 'repeat', order], { fetch })).toMatchObject({
    exit: 0,
    out: expect.stringContaining(told),
  })
  expect(sent).toEqual([`/admin/captures/${order}/repeat`])
})
