import { defineRoute, EVERYBODY, empty, queryInteger } from '@floodgate/contracts'
import { Hono } from 'hono'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { createDocument } from '../openapi/document.ts'
import { queryOf } from './query.ts'

const query = z.strictObject({ limit: queryInteger(1, 100).default(7), last: queryInteger(1, 100).optional() })
const app = new Hono().get('/things', (c) => {
  const parsed = query.safeParse(queryOf(c))
  return parsed.success ? c.json(parsed.data) : c.json({}, 400)
})

it.each([
  ['', { limit: 7 }],
  ['limit=1', { limit: 1 }],
  ['limit=100&last=010', { limit: 100, last: 10 }],
])('the query %j is accepted', async (text, expected) => {
  expect(await (await app.request(`/things?${text}`)).json()).toEqual(expected)
})

it.each([
  ...[
    'limit=',
    'limit=0',
    'limit=101',
    'limit=1.0',
    'limit=1e1',
    'limit=0x10',
    'limit=%2010',
    'limit=%2B1',
    'limit=-0',
  ],
  ...[
    'limit=1&limit=2',
    'limit=1&limit=1',
    'limit[]=1',
    'Limit=1',
    'other=1',
    '__proto__=1',
    'limit=1%0A',
    'limit=%EF%BC%91',
  ],
])('the query %s is rejected', async (text) => {
  expect((await app.request(`/things?${text}`)).status).toBe(400)
})

it('documents a number', () => {
  const things = defineRoute({
    method: 'get',
    path: '/things',
    summary: 'Lists',
    auth: EVERYBODY,
    request: { query },
    responses: { 204: empty('x') },
  })
  const document = JSON.parse(JSON.stringify(createDocument({ title: 'T', description: 'D', routes: { things } })))
  const [limit, last] = document.paths['/things'].get.parameters
  expect(limit).toMatchObject({ required: false, schema: { type: 'integer', minimum: 1, maximum: 100, default: 7 } })
  expect(last.schema).toEqual({ type: 'integer', minimum: 1, maximum: 100 })
})
