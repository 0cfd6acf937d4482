import { deadLetterRoutes, deadLettersDropped, deadLettersReplayed } from '@floodgate/contracts'
import { createLogger, createMetrics } from '@floodgate/runtime'
import { ADMIN_TOKEN } from '@floodgate/testkit/fixtures'
import { afterEach, expect, it, vi } from 'vitest'
import { createHttpApp } from '../routes/http-app.ts'
import { mountRoutes } from '../routes/mount-routes.ts'
import { createDeadLetterRoutes, type DeadLetterSource } from './create-dead-letter-routes.ts'

const LETTERS = '/admin/dead-letters/a.group'

afterEach(() => vi.useRealTimers())

/** Builds the routes over a bus that responds once it is released. */
function createRoutes(source: Partial<DeadLetterSource>) {
  const logged: object[] = []
  const log = createLogger({ app: 'test', level: 'silent' })
  vi.spyOn(log, 'warn').mockImplementation((fields: object) => void logged.push(fields))
  const operators = { routes: deadLetterRoutes, adminToken: ADMIN_TOKEN }
  const app = createHttpApp({ log, metrics: createMetrics('test'), allowedOrigins: [], operators })
  const deadLetters = () => source as DeadLetterSource
  mountRoutes(app, createDeadLetterRoutes({ deadLetters, groups: ['a.group'], log }), {
    clientAddressOf: () => 'operator',
  })
  const post = async (path: string, ids: readonly string[]) =>
    app.request(LETTERS + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ids }),
    })
  return { post, acts: () => logged.filter((fields) => 'step' in fields) }
}

it('work that ends after its request got 503 is logged as well', async () => {
  vi.useFakeTimers()
  const released = Promise.withResolvers<void>()
  const { post, acts } = createRoutes({
    async drop(ids) {
      await released.promise
      return ids
    },
    async replay(ids) {
      await released.promise
      return ids.map((id) => ({ id, kind: 'handled' }))
    },
  })
  const responses = Promise.all([post('/drop', ['1']), post('/replay', ['2'])])
  await vi.advanceTimersByTimeAsync(60_000)
  expect((await responses).map(({ status }) => status)).toEqual([503, 503])
  expect(acts()).toEqual([])
  released.resolve()
  await vi.advanceTimersByTimeAsync(1)
  expect(acts()).toEqual([
    { step: 'dead-letters.dropped', group: 'a.group', letters: ['1'] },
    {
      step: 'dead-letters.replayed',
      group: 'a.group',
      letters: [{ id: '2', outcome: 'handled', reason: null }],
    },
  ])
})

it('the reason of a replay is returned and logged without addresses', async () => {
  const { post, acts } = createRoutes({
    drop: async (ids) => ids,
    replay: async (ids) => ids.map((id) => ({ id, kind: 'failed', reason: 'Error: no room for ann@example.org' })),
  })
  const { letters } = deadLettersReplayed.parse(await (await post('/replay', ['1'])).json())
  expect(letters).toEqual([{ id: '1', outcome: 'failed', reason: 'Error: no room for [masked]' }])
  expect(JSON.stringify(acts())).not.toContain('example.org')
  expect(deadLettersDropped.parse(await (await post('/drop', ['1'])).json())).toEqual({ dropped: ['1'] })
})
