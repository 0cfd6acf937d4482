import { publicCatalogue } from '@floodgate/contracts'
import { closeRedis, type Redis } from '@floodgate/redis'
import { connectRedis, eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestCore, type TestCore } from '../testing/running-core.ts'
import { createCatalogueCache } from './catalogue-cache.ts'

let core: TestCore
let redis: Redis

const putCatalogue = (sale: string, name: string) => core.saveCatalogue([{ name, total: 5 }], sale)

beforeAll(async () => {
  const settings = { ALLOWED_ORIGINS: 'https://shop.example' }
  core = await createTestCore({ settings })
  redis = await connectRedis(core.redis.url, 'scripts')
  await putCatalogue('demo', 'Tee — grün')
})
afterAll(async () => {
  if (redis !== undefined) await closeRedis(redis)
  await core?.remove()
})

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

it.each<[string, string, Record<string, string>, number]>([
  ['a catalogue', 'demo', {}, 200],
  ['a catalogue that was another', 'demo', { 'if-none-match': '"other"' }, 200],
  ['a catalogue, to a listed origin', 'demo', { origin: 'https://shop.example' }, 200],
  ['a catalogue, to another origin', 'demo', { origin: 'https://other.example' }, 200],
  ['no catalogue', 'nothing-here', { traceparent }, 404],
  ['no catalogue, to a listed origin', 'nothing-here', { traceparent, origin: 'https://shop.example' }, 404],
  ['an invalid name of a sale', 'Not%20one', { traceparent }, 400],
])('%s', async (_, sale, headers, status) => {
  const { origin } = headers
  const response = await fetch(`${core.url}/sales/${sale}/catalogue`, { headers })
  expect(response.status).toBe(status)
  const own = origin === 'https://shop.example' ? origin : null
  expect(response.headers.get('access-control-allow-origin')).toBe(own)
})

it('a caller that has the catalogue gets 304', async () => {
  const url = `${core.url}/sales/demo/catalogue`
  const whole = await fetch(url)
  expect(publicCatalogue.parse(await whole.json()).items[0]).toMatchObject({ name: 'Tee — grün', available: 5 })
  const etag = String(whole.headers.get('etag'))
  // A CDN that compresses weakens the tag.
  for (const known of [etag, `W/${etag}`, `"other", W/${etag}`]) {
    const again = await fetch(url, { headers: { 'if-none-match': known } })
    expect([again.status, await again.text()]).toEqual([304, ''])
  }
})

it('is shown stale for at most two seconds, and refreshed after one', async () => {
  let nowMs = 0
  const catalogueCache = createCatalogueCache({ pool: core.pool, redis }, () => nowMs)
  await putCatalogue('aging', 'Old')
  const old = await catalogueCache('aging')
  expect(old?.whole.body).toContain('Old')
  await putCatalogue('aging', 'New')
  nowMs = 999
  expect(catalogueCache('aging')).toBe(old)
  nowMs = 2_000
  const read = catalogueCache('aging')
  expect(read).toBeInstanceOf(Promise)
  const renewed = await read
  expect(renewed?.whole.body).toContain('New')
  expect(catalogueCache('aging')).toBe(renewed)
  await putCatalogue('aging', 'Newest')
  nowMs = 3_999
  expect(catalogueCache('aging')).toBe(renewed)
  await eventually(async () => expect((await catalogueCache('aging'))?.whole.body).toContain('Newest'))
})

it('the absence of a catalogue is cached for one second', async () => {
  let nowMs = 0
  const catalogueCache = createCatalogueCache({ pool: core.pool, redis }, () => nowMs)
  expect(await catalogueCache('later')).toBeUndefined()
  await putCatalogue('later', 'Here')
  expect(catalogueCache('later')).toBeUndefined()
  nowMs = 1_000
  expect((await catalogueCache('later'))?.whole.body).toContain('Here')
})

it('made-up ids displace no catalogue, and only so many of them are read at once', async () => {
  const catalogueCache = createCatalogueCache({ pool: core.pool, redis }, () => 0)
  const known = await catalogueCache('demo')
  expect(known).toBeDefined()
  for (let at = 0; at < 1_500; at += 1) expect(await catalogueCache(`made-up-${at}`)).toBeUndefined()
  expect(catalogueCache('demo')).toBe(known)

  const reads = Array.from({ length: 8 }, (_, at) => catalogueCache(`at-once-${at}`))
  expect(() => catalogueCache('one-too-many')).toThrow(expect.objectContaining({ code: 'busy', status: 503 }))
  expect(catalogueCache('demo')).toBe(known)
  expect(catalogueCache('at-once-0')).toBe(reads[0])
  expect(await Promise.all(reads)).toEqual(Array(8).fill(undefined))
  expect(await catalogueCache('one-too-many')).toBeUndefined()
})
