import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { ROLES, type RouteContract } from '@floodgate/contracts'
import { type Api, createHttpApp } from '@floodgate/http'
import { createMetrics } from '@floodgate/runtime'
import { ADMIN_TOKEN, silentLogger } from '@floodgate/testkit/fixtures'
import { expect, it } from 'vitest'
import { appNames } from '../system/names.ts'
import { repository } from '../system/node-process.ts'

const TOKENS = new Map(ROLES.map((role) => [role, `fgop_${role.padEnd(43, '-')}`]))
const OWNERS = new Map(
  [...TOKENS].map(([role, token]) => [
    createHash('sha256').update(token).digest('hex'),
    { id: role, name: role, role, expiresAt: null },
  ]),
)
const ownerOf = (sha256: string) => OWNERS.get(sha256)

/** Creates an app that returns 204 from every declared route, mounted as the apps do. */
function createDeclared({ routes }: Api) {
  const log = silentLogger
  const operators = { routes, adminToken: ADMIN_TOKEN, tokens: { find: ownerOf, lookUp: async () => undefined } }
  const app = createHttpApp({ log, metrics: createMetrics('test'), allowedOrigins: [], operators })
  for (const { method, path } of Object.values(routes))
    app.on(method.toUpperCase(), path.replace(/\{(\w+)\}/g, ':$1'), (c) => c.body(null, 204))
  return async function statusOf({ method, path }: RouteContract, authorization?: string): Promise<number> {
    const headers = authorization === undefined ? {} : { authorization }
    const url = path.replace(/\{\w+\}/g, 'one')
    return (await app.request(url, { method: method.toUpperCase(), headers })).status
  }
}

it('every route below /admin/, of every app, rejects a request without a token, and one whose role is too low', async () => {
  let guarded = 0
  for (const name of appNames) {
    const { api } = (await import(join(repository, 'apps', name, 'src/api.ts'))) as { api: Api }
    const statusOf = createDeclared(api)
    for (const route of Object.values(api.routes)) {
      const isForOperators = route.path.startsWith('/admin/')
      const what = `${route.method} ${route.path} of the ${name}`
      const rejected = isForOperators ? 401 : 204
      expect(await statusOf(route), what).toBe(rejected)
      expect(await statusOf(route, 'Bearer another-token'), what).toBe(rejected)
      expect(await statusOf(route, `Basic ${ADMIN_TOKEN}`), what).toBe(rejected)
      expect(await statusOf(route, `Bearer ${ADMIN_TOKEN}`), what).toBe(204)
      if (!isForOperators) continue
      guarded += 1
      const { role: needs } = route
      if (needs === undefined) throw new Error(`${what} has no role`)
      for (const [has, token] of TOKENS) {
        const status = await statusOf(route, `Bearer ${token}`)
        expect(status, `${has} at ${what}`).toBe(ROLES.indexOf(has) < ROLES.indexOf(needs) ? 403 : 204)
      }
      if (route.method !== 'get') expect(needs, `${what} changes something`).not.toBe('viewer')
    }
  }
  expect(guarded).toBeGreaterThan(30)
})
