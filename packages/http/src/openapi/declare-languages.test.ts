import { expect, it } from 'vitest'
import { declareLanguages } from './declare-languages.ts'

it('declares a language for problem responses, and changes no other response', () => {
  const page = { description: 'A page', content: { 'text/html': {} } }
  const problem = { description: '`busy`', headers: { 'Retry-After': {} }, content: { 'application/problem+json': {} } }
  const ref = { $ref: '#/components/responses/Busy' }
  const key = { name: 'key', in: 'query' }
  const document: { paths: Record<string, object>; [member: string]: unknown } = {
    openapi: '3.1.0',
    paths: {
      '/page': { get: { responses: { 200: page } } },
      '/things': { summary: 'Things', post: { parameters: [key], responses: { 200: page, 503: problem } } },
    },
    components: { schemas: { Thing: {} }, responses: { Busy: problem } },
  }
  document.paths['/shared'] = { get: { responses: { 200: page, 503: ref } } }
  const own = { name: 'accept-language', in: 'header', description: 'Languages for more than problems' }
  document.paths['/own'] = { post: { parameters: [own], responses: { 503: ref } } }
  const acceptLanguage = expect.objectContaining({ name: 'Accept-Language', in: 'header', required: false })
  const declared = {
    ...problem,
    headers: { 'Retry-After': {}, 'Content-Language': { $ref: '#/components/headers/ContentLanguage' } },
  }
  expect(declareLanguages(document)).toEqual({
    openapi: '3.1.0',
    paths: {
      '/page': { get: { responses: { 200: page } } },
      '/things': {
        summary: 'Things',
        post: {
          parameters: [key, acceptLanguage],
          responses: {
            200: page,
            503: declared,
          },
        },
      },
      '/own': { post: { parameters: [own], responses: { 503: ref } } },
      '/shared': {
        get: { parameters: [acceptLanguage], responses: { 200: page, 503: ref } },
      },
    },
    components: {
      schemas: { Thing: {} },
      responses: { Busy: declared },
      headers: { ContentLanguage: expect.objectContaining({ schema: { type: 'string' } }) },
    },
  })
})
