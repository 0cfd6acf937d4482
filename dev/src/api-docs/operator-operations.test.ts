import { join } from 'node:path'
import { type Api, createHttpApp, type Operation } from '@floodgate/http'
import { createMetrics } from '@floodgate/runtime'
import { ADMIN_TOKEN, silentLogger } from '@floodgate/testkit/fixtures'
import { expect, it } from 'vitest'
import { appNames } from '../system/names.ts'
import { repository } from '../system/node-process.ts'

/** An app that returns 204 from whatever is declared, in the way that the apps mount their operations. */
function createDeclared({ operations }: Api) {
  const log = silentLogger
  const operators = { operations, adminToken: ADMIN_TOKEN }
  const app = createHttpApp({ log, metrics: createMetrics('test'), allowedOrigins: [], operators })
  for (const { method, path } of operations)
    app.on(method.toUpperCase(), path.replace(/\{(\w+)\}/g, ':$1'), (c) => c.body(null, 204))
  return async function statusOf({ method, path }: Operation, authorization?: string): Promise<number> {
    const headers = authorization === undefined ? {} : { authorization }
    const url = path.replace(/\{\w+\}/g, 'one')
    return (await app.request(url, { method: method.toUpperCase(), headers })).status
  }
}

it('every operation below /admin/, of every app, is refused without the operator token', async () => {
  let guarded = 0
  for (const name of appNames) {
    const { api } = (await import(join(repository, 'apps', name, 'src/api.ts'))) as { api: Api }
    const statusOf = createDeclared(api)
    for (const operation of api.operations) {
      const isForOperators = operation.path.startsWith('/admin/')
      const what = `${operation.method} ${operation.path} of the ${name}`
      const refused = isForOperators ? 401 : 204
      expect(await statusOf(operation), what).toBe(refused)
      expect(await statusOf(operation, 'Bearer another-token'), what).toBe(refused)
      expect(await statusOf(operation, `Basic ${ADMIN_TOKEN}`), what).toBe(refused)
      expect(await statusOf(operation, `Bearer ${ADMIN_TOKEN}`), what).toBe(204)
      if (isForOperators) guarded += 1
    }
  }
  expect(guarded).toBeGreaterThan(30)
})
