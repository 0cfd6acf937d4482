import type { OperatorAct } from '@floodgate/http'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { expect, it } from 'vitest'
import { createAuditLog } from './audit-log.ts'
import type { KeyedAct } from './audit-store.ts'

const act = (route: string): OperatorAct => ({
  ...{ atMs: 0, caller: { id: 'a', name: 'Ada', role: 'admin', expiresAt: null }, method: 'POST', route, target: {} },
  ...{ traceId: '', client: '192.0.2.1', status: 200, code: null },
})

it('an act waits for its database, with the same key, and nothing is lost or reordered', async () => {
  const attempts: (readonly KeyedAct[])[] = []
  const audit = createAuditLog({
    async insert(acts) {
      attempts.push(acts)
      if (attempts.length === 1) throw new Error('the response was lost')
    },
    isFault: () => false,
    log: silentLogger,
    onDropped: () => undefined,
  })
  void audit.record(act('/one'))
  void audit.record(act('/two'))
  await audit.stop()
  expect(audit.waiting()).toBe(0)
  const [first] = attempts
  const stored = attempts.slice(1).flat()
  expect(stored.map((each) => each.act.route)).toEqual(['/one', '/two'])
  expect(stored[0]?.key).toBe(first?.[0]?.key)
})

it('what a database that stays away cannot take is bounded, counted and in the log', async () => {
  let dropped = 0
  const lines: string[] = []
  const log = { ...silentLogger, info: (_: object, message: string) => void lines.push(message) }
  const audit = createAuditLog({
    insert: async () => {
      throw new Error('away')
    },
    isFault: () => false,
    log,
    onDropped: () => {
      dropped += 1
    },
  })
  for (let n = 0; n < 1_005; n += 1) void audit.record(act(`/${n}`))
  expect([audit.waiting(), dropped, lines.length]).toEqual([1_000, 5, 1_005])
  await audit.stop()
  expect(audit.waiting()).toBe(1_000)
})

it('an act that the database rejects is counted and in the log, and keeps no other from being stored', async () => {
  const stored: string[] = []
  const dropped: string[] = []
  const log = { ...silentLogger, error: (fields: object) => void dropped.push(String(Object(fields).route)) }
  const audit = createAuditLog({
    async insert(acts) {
      const routes = acts.map((each) => each.act.route)
      if (routes.includes('/bad')) throw new RangeError('out of range')
      stored.push(...routes)
    },
    isFault: (error) => error instanceof RangeError,
    log,
    onDropped: () => void dropped.push('counted'),
  })
  for (const route of ['/one', '/bad', '/two', '/three']) void audit.record(act(route))
  await audit.stop()
  expect([stored, dropped, audit.waiting()]).toEqual([['/one', '/two', '/three'], ['/bad', 'counted'], 0])
})
