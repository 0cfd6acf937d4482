import { randomBytes, randomUUID } from 'node:crypto'
import type { KeyRing, RingKey } from '@floodgate/runtime'
import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Fixture, startFixture } from '../testing/fixture.ts'
import { createReminderTools, newAddress, type ReminderTools } from '../testing/reminders.ts'

let fixture: Fixture
let tools: ReminderTools

beforeAll(async () => {
  fixture = await startFixture()
  tools = createReminderTools(fixture, undefined)
})
afterAll(() => fixture.stop())

const newKey = (kid: string): RingKey => ({ kid, bytes: randomBytes(32) })

test('an address that wants no reminders is recognized after EMAIL_KEY was changed, and the keys before', async () => {
  const { present: old, hashesOf } = tools
  const [address, next, last] = [newAddress(), newKey('next'), newKey('last')]
  const [noted] = await hashesOf(address)
  for (const ring of [[old, next], [next], [next, last], [last]] as KeyRing[])
    expect((await hashesOf(address, ring))[0]).toBe(noted)
  // A key from nowhere: nothing is recognized, and what the others know stays.
  const stranger = newKey('stranger')
  const [unknown] = await hashesOf(address, [stranger])
  expect(unknown).not.toBe(noted)
  expect((await hashesOf(address, [old, stranger])).slice(0, 2)).toEqual([noted, unknown])
})

test('a notifier that starts with one more key recognizes addresses by it alone, also when nobody asked for a reminder', async () => {
  const address = newAddress()
  const [noted] = await tools.hashesOf(address)
  const kids = async () =>
    (await fixture.pool.query<{ kid: string }>('select kid from notices.address_keys')).rows.map(({ kid }) => kid)
  const before = await kids()
  const bytes = randomBytes(32)
  const notifier = await fixture.startNotifier({ EMAIL_KEY: `${fixture.emailKey},${bytes.toString('base64url')}` })
  const added = await eventually(async () => {
    const more = (await kids()).filter((kid) => !before.includes(kid))
    expect(more).toHaveLength(1)
    return more.map((kid): RingKey => ({ kid, bytes }))
  })
  await notifier.stop()
  expect((await tools.hashesOf(address, added as [RingKey]))[0]).toBe(noted)
})

test('two processes that start at once agree on the key of addresses', async () => {
  const ring: KeyRing = [newKey(randomUUID())]
  const all = await Promise.all(Array.from({ length: 5 }, () => tools.hashesOf('ann@example.org', ring)))
  expect(new Set(all.map(([first]) => first)).size).toBe(1)
})
