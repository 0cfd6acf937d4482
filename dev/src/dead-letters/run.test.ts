import { deadLetterRoutes } from '@floodgate/contracts'
import { createDeadLetterRoutes, createHttpApp, type DeadLetterSource, mountRoutes } from '@floodgate/http'
import { createMetrics } from '@floodgate/runtime'
import { ADMIN_TOKEN, silentLogger } from '@floodgate/testkit/fixtures'
import { expect, it } from 'vitest'
import { createClient } from './client.ts'
import { parseCommand } from './options.ts'
import { run } from './run.ts'

const log = silentLogger

/** Creates `count` dead letters, numbered from 1, behind the routes of an app. */
function createLetters(count: number) {
  const lying = new Map(Array.from({ length: count }, (_, index) => [index + 1, { replays: 0 }]))
  const failing = new Set<number>()
  /** How often each letter is postponed. */
  const postponed = new Map<number, number>()
  const replayed: number[] = []
  /** Called before a page is read, with the parameters of its request. */
  const onList = { call: (_order: 'oldest' | 'newest', _after: string | undefined): void => undefined }
  /** Whether the next request that changes something is carried out, but gets 503. */
  const responses = { losesNext: false }
  const letter = (id: number) => ({
    id: String(id),
    key: `order-${id}`,
    value: '{"email":"ann@example.org"}',
    headers: { ce_type: 'order.placed.v1', dead_reason: 'Error: no\nroom' },
    replays: lying.get(id)?.replays ?? 0,
  })
  const source: DeadLetterSource = {
    async list({ order, limit, after }) {
      onList.call(order, after)
      const ids = order === 'oldest' ? [...lying.keys()] : [...lying.keys()].toReversed()
      const from = ids.filter(
        (id) => after === undefined || (order === 'oldest' ? id > Number(after) : id < Number(after)),
      )
      return { letters: from.slice(0, limit).map(letter), next: from.length > limit ? String(from[limit - 1]) : null }
    },
    read: async (id) => (lying.has(Number(id)) ? letter(Number(id)) : undefined),
    async replay(ids) {
      return ids.map((id) => {
        const number = Number(id)
        replayed.push(number)
        if (!lying.has(number)) return { id, kind: 'missing' }
        const left = postponed.get(number) ?? 0
        postponed.set(number, left - 1)
        if (left > 0) return { id, kind: 'postponed' }
        if (failing.has(number)) return { id, kind: 'failed', reason: 'Error: still no room for ann@example.org' }
        lying.delete(number)
        return { id, kind: 'handled' }
      })
    },
    drop: async (ids) => ids.filter((id) => lying.delete(Number(id))),
    count: async () => lying.size,
  }
  const operators = { routes: deadLetterRoutes, adminToken: ADMIN_TOKEN }
  const app = createHttpApp({ log, metrics: createMetrics('order-core'), allowedOrigins: [], operators })
  mountRoutes(app, createDeadLetterRoutes({ deadLetters: () => source, groups: ['order-core.saga'], log }), {
    clientAddressOf: () => 'operator',
  })
  const urls = { 'order-core': 'http://core.test' }
  const client = (token = ADMIN_TOKEN) =>
    createClient({ urls, adminToken: token }, async (url, init) => {
      const { pathname, search } = new URL(String(url))
      const response = await app.request(pathname + search, init)
      if (init?.method !== 'POST' || !responses.losesNext) return response
      responses.losesNext = false
      return new Response('', { status: 503, headers: { 'retry-after': '0' } })
    })
  return {
    lying,
    failing,
    postponed,
    replayed,
    onList,
    losing: responses,
    putAside: (id: number) => void lying.set(id, { replays: 0 }),
    async command(line: string, token?: string) {
      const printed: string[] = []
      const noted: string[] = []
      const command = parseCommand(line.split(' '))
      if (command.kind === 'help' || command.kind === 'invalid') throw new Error(JSON.stringify(command))
      const output = { print: (text: string) => void printed.push(text), note: (text: string) => void noted.push(text) }
      const code = await run(command, client(token), output)
      return { code, printed, noted }
    },
  }
}

it('lists the groups, the letters of one, and shows one without its address', async () => {
  const { command } = createLetters(150)
  expect(await command('list')).toEqual({ code: 0, printed: ['    150  order-core.saga'], noted: [] })
  const { printed } = await command('list -g order-core.saga')
  expect(printed).toHaveLength(150)
  expect(printed[0]).toBe('150  unknown time  order.placed.v1  key order-150  Error: no room')
  expect((await command('list -g order-core.saga --oldest')).printed[0]).toContain('key order-1  ')
  const shown = await command('read -g order-core.saga 7')
  expect(JSON.parse(shown.printed.join(''))).toMatchObject({ id: '7', data: { email: '[masked]' } })
  expect(await command('read -g order-core.saga 999')).toMatchObject({ code: 1, printed: [] })
})

it('replays all, oldest first, with progress; those that fail again stay and are listed', async () => {
  const { command, lying, failing, postponed, replayed } = createLetters(250)
  failing.add(3).add(200)
  postponed.set(5, 1)
  const { code, printed, noted } = await command('replay -g order-core.saga --all')
  expect(code).toBe(1)
  expect([...lying.keys()]).toEqual([3, 200])
  expect(printed).toEqual([
    '3  failed  Error: still no room for [masked]',
    '200  failed  Error: still no room for [masked]',
    '248 handled, 2 failed',
  ])
  expect(noted).toEqual(['99 handled, 1 failed', '198 handled, 2 failed', '248 handled, 2 failed'])
  expect(replayed.filter((id) => id !== 5)).toEqual(
    Array.from({ length: 250 }, (_, index) => index + 1).filter((id) => id !== 5),
  )
  failing.clear()
  expect(await command('replay -g order-core.saga --all')).toMatchObject({ code: 0, printed: ['2 handled'] })
  expect(await command('replay -g order-core.saga --all')).toMatchObject({ code: 0, printed: ['nothing to do'] })
  expect(await command('replay -g order-core.saga 3')).toMatchObject({ code: 1, printed: ['1 missing'] })
})

it('replays in the order the letters were set aside, and none newer before those that stay postponed', async () => {
  const { command, lying, postponed, replayed } = createLetters(250)
  postponed.set(150, 100)
  const { code, printed, noted } = await command('replay -g order-core.saga --all')
  expect([code, printed]).toEqual([1, ['199 handled, 1 postponed']])
  expect(noted.at(-1)).toMatch(/^stopped at postponed letters/)
  expect([...lying.keys()]).toEqual([150, ...Array.from({ length: 50 }, (_, index) => index + 201)])
  postponed.clear()
  replayed.length = 0
  const newestFirst = [...lying.keys()].toReversed()
  const named = [...newestFirst, ...Array.from({ length: 60 }, (_, index) => 900 + index)].join(' ')
  expect(await command(`replay -g order-core.saga ${named}`)).toMatchObject({ code: 1 })
  expect(replayed).toEqual(replayed.toSorted((a, b) => a - b))
  expect(lying.size).toBe(0)
})

it.each(['drop', 'replay'])(
  '%s --all leaves letters set aside after it began, also when its newest letter is removed',
  async (verb) => {
    const { command, lying, onList, putAside } = createLetters(150)
    let newest = 150
    onList.call = (order, after) => {
      if (order === 'newest') return
      if (after === undefined) lying.delete(150)
      // Without end, if it followed them.
      for (let each = 0; each < 100 && newest < 2_000; each += 1) putAside(++newest)
    }
    expect(await command(`${verb} -g order-core.saga --all`)).toMatchObject({ code: 0 })
    expect(Math.min(...lying.keys())).toBe(151)
    expect(lying.size).toBe(newest - 150)
  },
)

it('letters removed by a request without a response no longer exist, which is no failure', async () => {
  const { command, losing } = createLetters(4)
  losing.losesNext = true
  expect(await command('drop -g order-core.saga 1 2')).toMatchObject({ code: 0, printed: ['2 no longer there'] })
  losing.losesNext = true
  expect(await command('replay -g order-core.saga --all')).toMatchObject({ code: 0, printed: ['2 no longer there'] })
})

it('a letter that another operator removed after it was listed no longer exists', async () => {
  const { command, lying, onList } = createLetters(150)
  onList.call = (order, after) => {
    if (order === 'oldest' && after === undefined) queueMicrotask(() => lying.delete(7))
  }
  expect(await command('drop -g order-core.saga --all')).toMatchObject({
    code: 0,
    printed: ['149 dropped, 1 no longer there'],
  })
})

it('drops the named letters, or all', async () => {
  const { command, lying } = createLetters(250)
  expect(await command('drop -g order-core.saga 1 2')).toMatchObject({ code: 0, printed: ['2 dropped'] })
  expect(await command('drop -g order-core.saga 1 3')).toMatchObject({ code: 1, printed: ['1 missing, 1 dropped'] })
  expect(await command('drop -g order-core.saga --all')).toMatchObject({ code: 0, printed: ['247 dropped'] })
  expect(lying.size).toBe(0)
})

it('reports what an app rejected, and which groups exist', async () => {
  const { command } = createLetters(1)
  await expect(command('list', 'wrong')).rejects.toThrow('order-core responded with 401: unauthorized')
  await expect(command('list -g order-core.nothing')).rejects.toThrow('no group order-core.nothing')
  await expect(command('drop -g order-core.nothing 1')).rejects.toThrow('no group order-core.nothing')
  await expect(command('list -g elsewhere.saga')).rejects.toThrow('no app consumes as elsewhere')
})
