import { Webhook } from 'standardwebhooks'
import { expect, it } from 'vitest'
import { reactionOf, signedHeaders } from './attempt.ts'

it.each([
  ['taken', [200, 201, 202, 204, 299]],
  ['gone', [410]],
  ['fault', [408, 425, 429, 500, 502, 503, 504, 599]],
  ['refused', [301, 302, 304, 307, 400, 401, 403, 404, 405, 413, 422, 451]],
] as const)('a response is %s by its status', (reaction, statuses) => {
  for (const status of statuses) expect(reactionOf({ kind: 'response', status }), String(status)).toBe(reaction)
})

it('no response is a fault of the endpoint', () => {
  expect(reactionOf({ kind: 'failed', detail: 'no response in time' })).toBe('fault')
})

it('each secret verifies what all of them signed, and another one does not', () => {
  const [old, next, other] = [1, 2, 3].map((n) => `whsec_${Buffer.alloc(24, n).toString('base64')}`)
  const body = '{"type":"order.confirmed"}'
  const headers = signedHeaders({ id: 'event-1', body, secrets: [old ?? '', next ?? ''] }, new Date())
  for (const secret of [old, next]) expect(new Webhook(secret ?? '').verify(body, headers)).toEqual(JSON.parse(body))
  expect(() => new Webhook(other ?? '').verify(body, headers)).toThrow('No matching signature')
  expect(() => new Webhook(old ?? '').verify(`${body} `, headers)).toThrow('No matching signature')
})
