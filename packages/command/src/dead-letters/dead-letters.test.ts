import { deadLetterRoutes } from '@floodgate/contracts'
import { createDeadLetterRoutes, createHttpApp, type DeadLetterSource, mountRoutes } from '@floodgate/http'
import { createMetrics } from '@floodgate/runtime'
import { ADMIN_TOKEN, silentLogger } from '@floodgate/testkit/fixtures'
import { expect, it } from 'vitest'
import { NOWHERE, runWith } from '../testing/surroundings.ts'

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
  const fetch = (async (url: string | URL | Request, init?: RequestInit) => {
    const { pathname, search } = new URL(String(url))
    const response = await app.request(pathname + search, init)
    if (init?.method !== 'POST' || !responses.losesNext) return response
    responses.losesNext = false
    return new Response('', { status: 503, headers: { 'retry-after': '0' } })
  }) as typeof globalThis.fetch
  const environment = { ...NOWHERE, WAITING_ROOM_URL: '', PAYMENT_WORKER_URL: '', NOTIFIER_URL: '' }
  return {
    lying,
    failing,
    postponed,
    replayed,
    onList,
    losing: responses,
    putAside: (id: number) => void lying.set(id, { replays: 0 }),
    /** Runs a command; `data` is its `--json`. */
    async command(line: string, token = ADMIN_TOKEN) {
      const argv = ['dead-letters', ...line.split(' '), '--json']
      if (line.startsWith('drop')) argv.push('--yes')
      const ran = await runWith(argv, { environment: { ...environment, FLOODGATE_TOKEN: token }, fetch })
      return { exit: ran.exit, data: JSON.parse(ran.out), noted: ran.errors.split('\n').slice(0, -1) }
    },
  }
}

it('lists the groups, the letters of one, and shows one without its address', async () => {
  const { command } = createLetters(150)
  expect(await command('list')).toMatchObject({
    exit: 1,
    data: { groups: [{ group: 'order-core.saga', letters: 150 }] },
  })
  const { data } = await command('list order-core.saga')
  expect(data.letters).toHaveLength(150)
  expect(data.letters[0]).toMatchObject({ id: '150', key: 'order-150', reason: 'Error: no\nroom' })
  expect((await command('list order-core.saga --oldest')).data.letters[0]).toMatchObject({ key: 'order-1' })
  expect((await command('show order-core.saga 7')).data).toMatchObject({ id: '7', data: { email: '[masked]' } })
  expect(await command('show order-core.saga 999')).toMatchObject({ exit: 3, data: { error: 'not-found' } })
  expect(await createLetters(0).command('list')).toMatchObject({ exit: 0 })
})

it('replays all, oldest first, with progress; those that fail again stay and are listed', async () => {
  const { command, lying, failing, postponed, replayed } = createLetters(250)
  failing.add(3).add(200)
  postponed.set(5, 1)
  const { exit, data, noted } = await command('replay order-core.saga --all')
  expect(exit).toBe(1)
  expect([...lying.keys()]).toEqual([3, 200])
  expect(data).toMatchObject({
    counts: { handled: 248, failed: 2 },
    failed: ['3', '200'].map((id) => ({ id, reason: 'Error: still no room for [masked]' })),
  })
  expect(noted).toEqual(['99 handled, 1 failed', '198 handled, 2 failed', '248 handled, 2 failed'])
  expect(replayed.filter((id) => id !== 5)).toEqual(
    Array.from({ length: 250 }, (_, index) => index + 1).filter((id) => id !== 5),
  )
  failing.clear()
  expect(await command('replay order-core.saga --all')).toMatchObject({ exit: 0, data: { counts: { handled: 2 } } })
  expect(await command('replay order-core.saga --all')).toMatchObject({ exit: 0, data: { counts: {} } })
  expect(await command('replay order-core.saga 3')).toMatchObject({ exit: 1, data: { counts: { missing: 1 } } })
})

it('replays in the order the letters were set aside, and none newer before those that stay postponed', async () => {
  const { command, lying, postponed, replayed } = createLetters(250)
  postponed.set(150, 100)
  const { exit, data, noted } = await command('replay order-core.saga --all')
  expect([exit, data.counts]).toEqual([1, { handled: 199, postponed: 1 }])
  expect(noted.at(-1)).toMatch(/^stopped at postponed letters/)
  expect([...lying.keys()]).toEqual([150, ...Array.from({ length: 50 }, (_, index) => index + 201)])
  postponed.clear()
  replayed.length = 0
  const newestFirst = [...lying.keys()].toReversed()
  const named = [...newestFirst, ...Array.from({ length: 60 }, (_, index) => 900 + index)].join(' ')
  expect(await command(`replay order-core.saga ${named}`)).toMatchObject({ exit: 1 })
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
    expect(await command(`${verb} order-core.saga --all`)).toMatchObject({ exit: 0 })
    expect(Math.min(...lying.keys())).toBe(151)
    expect(lying.size).toBe(newest - 150)
  },
)

it('drop --all leaves letters that were set aside while its question waited for the answer', async () => {
  const { command, lying, onList, putAside } = createLetters(3)
  // The first page of the oldest is that of the count.
  onList.call = (order) => {
    if (order === 'oldest') putAside(4)
  }
  expect(await command('drop order-core.saga --all')).toMatchObject({ exit: 0, data: { counts: { dropped: 3 } } })
  expect([...lying.keys()]).toEqual([4])
})

it('letters removed by a request without a response no longer exist, which is no failure', async () => {
  const { command, losing } = createLetters(4)
  const gone = { exit: 0, data: { counts: { 'no longer there': 2 } } }
  losing.losesNext = true
  expect(await command('drop order-core.saga 1 2')).toMatchObject(gone)
  losing.losesNext = true
  expect(await command('replay order-core.saga --all')).toMatchObject(gone)
})

it('a letter that another operator removed after it was listed no longer exists', async () => {
  const { command, lying, onList } = createLetters(150)
  let firstPages = 0
  onList.call = (order, after) => {
    if (order !== 'oldest' || after !== undefined) return
    firstPages += 1
    // The first time they are counted.
    if (firstPages === 2) queueMicrotask(() => lying.delete(7))
  }
  expect(await command('drop order-core.saga --all')).toMatchObject({
    exit: 0,
    data: { counts: { dropped: 149, 'no longer there': 1 } },
  })
})

it('drops the named letters, or all', async () => {
  const { command, lying } = createLetters(250)
  expect(await command('drop order-core.saga 1 2')).toMatchObject({ exit: 0, data: { counts: { dropped: 2 } } })
  const half = { exit: 1, data: { counts: { missing: 1, dropped: 1 } } }
  expect(await command('drop order-core.saga 1 3')).toMatchObject(half)
  expect(await command('drop order-core.saga --all')).toMatchObject({ exit: 0, data: { counts: { dropped: 247 } } })
  expect(lying.size).toBe(0)
})

it.each([
  ['list saga', 'A group is called like order-core.saga'],
  ['list elsewhere.saga', 'No app consumes as elsewhere.saga'],
  ['replay order-core.saga', 'takes ids, or --all'],
  ['drop order-core.saga --all 12', 'takes ids, or --all'],
  ['show order-core.saga ../12', '"../12" is not the id of a dead letter'],
  ['list notifier.mails', 'needs the URL of the notifier'],
])('%s is rejected before anything is sent', async (line, message) => {
  const { command } = createLetters(1)
  expect(await command(line)).toMatchObject({ exit: 2, data: { message: expect.stringContaining(message) } })
})

it('a wrong token, and an unknown group, are rejected by the app', async () => {
  const { command } = createLetters(1)
  expect(await command('list', 'wrong')).toMatchObject({ exit: 3, data: { error: 'unauthorized' } })
  expect(await command('list order-core.nothing')).toMatchObject({ exit: 3, data: { error: 'not-found' } })
})
