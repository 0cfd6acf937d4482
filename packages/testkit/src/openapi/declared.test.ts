import { describe, expect, it } from 'vitest'
import { compileDeclared, createResponseCheck } from './declared.ts'

const operation = (...statuses: number[]) => ({
  responses: Object.fromEntries(statuses.map((status) => [status, {}])),
})
const mails = compileDeclared([
  { method: 'GET', template: '/mails/{id}', operation: operation(200, 404) },
  { method: 'POST', template: '/mails/retry', operation: operation(200) },
])
/** The document of another app that also has one of the paths. */
const others = compileDeclared([{ method: 'GET', template: '/mails/{id}', operation: operation(410) }])
const responseCheck = createResponseCheck([mails, others])

describe('a response', () => {
  it.each([
    ['GET', '/mails/7', 200],
    ['GET', '/mails/7?a=b', 404],
    ['HEAD', '/mails/7', 200],
    ['GET', '/mails/7', 410],
    ['POST', '/mails/retry', 200],
    ['PUT', '/mails/7', 405],
    ['GET', '/elsewhere', 418],
    ['OPTIONS', '/mails/7', 204],
  ])('to %s %s may be %i', (method, path, status) => {
    expect(responseCheck({ method, path, status })).toBeUndefined()
  })
  it.each([
    ['GET', '/mails/7', 409],
    ['POST', '/mails/retry', 404],
    ['POST', '/mails/7', 200],
    ['PUT', '/mails/7', 200],
  ])('to %s %s may not be %i', (method, path, status) => {
    expect(responseCheck({ method, path, status })).toBe(`${method} ${path} answered ${status}`)
  })
})

it('a path has the methods of all templates that match it', () => {
  expect(mails.methodsOf('/mails/retry').toSorted()).toEqual(['GET', 'POST'])
  expect(mails.methodsOf('/mails/7')).toEqual(['GET'])
})
