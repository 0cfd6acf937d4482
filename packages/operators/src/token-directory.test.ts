import { silentLogger } from '@floodgate/testkit/fixtures'
import { expect, it } from 'vitest'
import { createTokenDirectory } from './token-directory.ts'
import type { KnownToken } from './token-store.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

function createTest(...tokens: Partial<KnownToken>[]) {
  const clock = { ms: 1_000_000 }
  const stored: KnownToken[] = tokens.map((token, index) => ({
    ...{
      id: String(index),
      name: 'Ada',
      role: 'operator',
      sha256: String(index),
      expiresAt: new Date(clock.ms + 2 * HOUR),
    },
    ...token,
  }))
  const store = { isAway: false, reads: 0 }
  const directory = createTokenDirectory({
    async readTokens() {
      store.reads += 1
      if (store.isAway) throw new Error('the database is away')
      return [...stored]
    },
    log: silentLogger,
    now: () => clock.ms,
    wallNow: () => clock.ms,
  })
  return { clock, store, stored, directory }
}

it('a token is known after a look-up, with its owner', async () => {
  const { directory } = createTest({ role: 'viewer' })
  expect(directory.find('0')).toBeUndefined()
  expect(await directory.lookUp('0')).toMatchObject({ id: '0', name: 'Ada', role: 'viewer' })
  expect(directory.find('0')).toMatchObject({ name: 'Ada' })
  expect(await directory.lookUp('other')).toBeUndefined()
})

it('an expired token is rejected at its time, without another read', async () => {
  const { directory, clock, store } = createTest({ expiresAt: new Date(1_000_000 + MINUTE) })
  await directory.lookUp('0')
  clock.ms += MINUTE - 1
  expect(directory.find('0')).toBeDefined()
  clock.ms += 1
  expect(directory.find('0')).toBeUndefined()
  expect(store.reads).toBe(1)
})

it('while the tokens cannot be read, the known ones count for an hour, and others are unavailable, not wrong', async () => {
  const { directory, clock, store, stored } = createTest({})
  await directory.lookUp('0')
  store.isAway = true
  stored.push({ ...(stored[0] as KnownToken), sha256: 'new' })
  await expect(directory.lookUp('new')).rejects.toMatchObject({ code: 'unavailable', headers: { 'retry-after': '2' } })
  clock.ms += HOUR
  expect(directory.find('0')).toBeDefined()
  clock.ms += 1
  expect(directory.find('0')).toBeUndefined()
  await expect(directory.lookUp('0')).rejects.toMatchObject({ code: 'unavailable' })
  store.isAway = false
  expect(await directory.lookUp('0')).toBeDefined()
})

it('many look-ups at once cost two reads at most: one under way may have missed a new token', async () => {
  const { directory, store } = createTest({})
  const first = directory.lookUp('nobody')
  const others = Array.from({ length: 50 }, () => directory.lookUp('0'))
  expect(await first).toBeUndefined()
  expect((await Promise.all(others)).every((owner) => owner?.name === 'Ada')).toBe(true)
  expect(store.reads).toBe(2)
})
