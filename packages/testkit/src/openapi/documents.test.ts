import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { type Content, type OpenApiResponse, operationsOf, readOpenApiDocuments } from './read-documents.ts'

const documents = [...readOpenApiDocuments()]
const APPS = ['notifier', 'order-core', 'payment-worker', 'waiting-room']
/** The statuses that any request may get. */
const OF_ALL = ['400', '408', '431', '500', '503']

it('every app has a document', () => {
  expect(documents.map(([app]) => app).toSorted()).toEqual(APPS)
})

describe.each(documents)('the OpenAPI document of the %s', (_, document) => {
  const operations = operationsOf(document)
  const named = operations.map((each) => ({ ...each, name: `${each.method} ${each.template}` }))
  const resolve = ({ $ref, ...response }: OpenApiResponse): OpenApiResponse =>
    $ref === undefined ? response : (document.components.responses?.[$ref.split('/').at(-1) ?? ''] as OpenApiResponse)

  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate({ ...structuredClone(document) })
    expect(errors).toBeUndefined()
    expect(valid).toBe(true)
    expect(validator.version).toBe('3.1')
  })

  it('has schemas that are each valid JSON Schema 2020-12', () => {
    const ajv = createAjv()
    for (const schema of schemasIn(document)) expect(ajv.validateSchema(schema), ajv.errorsText()).toBe(true)
  })

  it('declares who may call each operation: only the operator in the case of operator routes', () => {
    for (const { name, template, operation } of named) {
      expect(operation.security, name).toBeDefined()
      const schemes = (operation.security ?? []).flatMap((each) => Object.keys(each))
      for (const scheme of schemes) expect(document.components.securitySchemes, name).toHaveProperty(scheme)
      expect(schemes.includes('operator'), name).toBe(template.startsWith('/admin/'))
    }
  })

  it('declares the problems implied by the kind of each operation', () => {
    for (const { name, operation, template } of named) {
      const wanted = [
        ...OF_ALL,
        ...(template.startsWith('/admin/') ? ['401'] : []),
        ...(operation.requestBody === undefined ? [] : ['413', '415']),
      ]
      expect(Object.keys(operation.responses), name).toEqual(expect.arrayContaining(wanted))
    }
  })

  it('lists the codes of each problem response, with `Retry-After` where the condition ends by itself', () => {
    for (const { name, operation } of named)
      for (const [status, response] of Object.entries(operation.responses)) {
        if (Number(status) < 400) continue
        const { description, content, headers = {} } = resolve(response)
        expect(description, `${name} ${status}`).toMatch(/^`[a-z-]+`: /)
        expect(Object.keys(content ?? {}), `${name} ${status}`).toEqual(['application/problem+json'])
        if (['429', '503'].includes(status)) expect(headers, `${name} ${status}`).toHaveProperty('Retry-After')
      }
  })

  it('bounds every integer of a request, since JavaScript has none above 2^53', () => {
    for (const { name, operation } of named)
      for (const schema of integersIn([operation.parameters, operation.requestBody]))
        expect(schema, name).toMatchObject({ minimum: expect.any(Number), maximum: expect.any(Number) })
  })

  it('has an example of each body, and each is valid', () => {
    const ajv = createAjv()
    ajv.addSchema(document, 'document')
    for (const { name, method, template, operation } of named) {
      const operationAt = `document#/paths/${pointerPart(template)}/${method.toLowerCase()}`
      if (operation.requestBody !== undefined)
        expectExample(ajv, `${operationAt}/requestBody`, operation.requestBody.content, name)
      for (const [status, { content }] of Object.entries(operation.responses))
        if (content !== undefined && status.startsWith('2'))
          expectExample(ajv, `${operationAt}/responses/${status}`, content, `${name} ${status}`)
    }
  })
})

function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  formats.default(ajv)
  return ajv.addFormat('idn-email', true)
}

function expectExample(ajv: Ajv2020, at: string, content: Content, name: string): void {
  for (const [type, { example }] of Object.entries(content)) {
    expect(example, `${name}: an example`).toBeDefined()
    const validate = ajv.compile({ $ref: `${at}/content/${pointerPart(type)}/schema` })
    validate(example)
    expect(validate.errors, name).toBeNull()
  }
}

/** Encodes a part of a JSON Pointer in a URI fragment (RFC 6901 §6). */
const pointerPart = (part: string): string => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))

function integersIn(value: unknown): readonly object[] {
  if (typeof value !== 'object' || value === null) return []
  const within = Object.values(value).flatMap(integersIn)
  return 'type' in value && value.type === 'integer' ? [value, ...within] : within
}

/** Returns every schema of a document: those under `schema`, and the components. */
function schemasIn(value: unknown, key = ''): readonly object[] {
  if (typeof value !== 'object' || value === null) return []
  if (key === 'schema') return [value]
  if (key === 'schemas') return Object.values(value)
  return Object.entries(value).flatMap(([name, each]) => schemasIn(each, name))
}
