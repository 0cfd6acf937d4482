import { randomUUID } from 'node:crypto'
import { bodyOf, createClient } from '@floodgate/client'
import { waitingRoomRoutes } from '@floodgate/contracts'
import { expect } from 'vitest'
import { expectProblem, send, sendTo } from '../client/http.ts'
import type { TestSystem } from '../client/test-system.ts'

const APPS = {
  'waiting-room': 'waitingRoom',
  'order-core': 'orderCore',
  'payment-worker': 'paymentWorker',
  notifier: 'notifier',
} as const

/** All four apps know a person's token, keep to its role, and write what it did into one audit. */
export async function knowsPeople({ system }: TestSystem): Promise<void> {
  const { urls, adminToken } = system
  const rooms = createClient(waitingRoomRoutes, { send: sendTo([urls.waitingRoom]), adminToken })
  const { id, token } = await bodyOf(rooms.createToken({ body: { name: 'Ada', role: 'operator', days: 1 } }))
  const headers = { authorization: `Bearer ${token}` }
  for (const app of Object.values(APPS)) {
    const url = urls[app]
    expect((await send('GET', `${url}/admin/dead-letters`, { headers })).status, app).toBe(200)
    const erasure = { headers, body: { buyer: randomUUID() } }
    expectProblem(await send('POST', `${url}/admin/erasures`, erasure), 'role-too-low')
  }
  const { entries } = await bodyOf(rooms.listAudit({ query: { token: id, limit: 100 } }))
  expect(new Set(entries.map(({ app, route, status, code }) => `${app} ${route} ${status} ${code}`))).toEqual(
    new Set(Object.keys(APPS).map((app) => `${app} /admin/erasures 403 role-too-low`)),
  )
}
