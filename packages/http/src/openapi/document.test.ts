import { defineRoute, EVERYBODY, empty, jsonBody, OPERATOR_ONLY, success } from '@floodgate/contracts'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createDocument } from './document.ts'

const body = z.strictObject({ name: z.string() })
const routes = {
  read: defineRoute({
    method: 'get',
    path: '/things/{id}',
    summary: 'Reads',
    auth: EVERYBODY,
    responses: { 200: success('The thing', body, { example: { name: 'x' } }) },
    problems: { 'not-found': true, 'sale-closed': { status: 409, why: 'long ago' } },
  }),
  replace: defineRoute({
    method: 'put',
    path: '/admin/things/{id}',
    summary: 'Replaces',
    auth: OPERATOR_ONLY,
    role: 'viewer',
    request: { body: jsonBody(body, { name: 'x' }) },
    responses: { 204: empty('Replaced') },
    problems: { 'too-large': 'above 7 bytes', 'sold-out': true, 'over-limit': true },
  }),
}
const document = JSON.parse(JSON.stringify(createDocument({ title: 'T', description: 'D', routes })))
const read = document.paths['/things/{id}'].get
const replace = document.paths['/admin/things/{id}'].put

describe('a route', () => {
  it('gets the problems of every request, its own, and those of its kind', () => {
    expect(Object.keys(read.responses).map(Number)).toEqual([200, 400, 404, 408, 409, 431, 500, 503])
    expect(Object.keys(replace.responses).map(Number)).toEqual([
      204, 400, 401, 403, 408, 409, 413, 415, 429, 431, 500, 503,
    ])
  })
  it('shares a response with the routes that have an identical one', () => {
    expect(read.responses[400]).toEqual(replace.responses[400])
    const [, , , name] = read.responses[400].$ref.split('/')
    expect(document.components.responses[name].description).toContain('`invalid-request`')
  })
  it('gives the reason where the problem’s title is not enough, also under another status', () => {
    expect(replace.responses[413].description).toBe('`too-large`: above 7 bytes')
    expect(read.responses[409].description).toBe('`sale-closed`: long ago')
  })
  it('names the codes of each status, and the schema of a problem with additional members', () => {
    const conflict = document.components.responses[replace.responses[409].$ref.split('/').at(-1)]
    expect(JSON.stringify(conflict)).toContain('#/components/schemas/SoldOutProblem')
    expect(JSON.stringify(conflict)).toContain('"enum":["over-limit"]')
    expect(Object.keys(document.components.schemas)).toEqual(['Problem', 'SoldOutProblem'])
  })
  it('names the role that an operator needs', () => {
    expect(replace.security).toEqual([{ operator: ['viewer'] }])
    expect(read.security).toEqual([])
  })
  it('has its own name, for generated clients', () => {
    expect([read.operationId, replace.operationId]).toEqual(['getThingsById', 'putAdminThingsById'])
  })
})

it('describes only the ways to authenticate that some operation names', () => {
  expect(Object.keys(document.components.securitySchemes)).toEqual(['operator'])
})
