import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findApps } from './find-apps.ts'

const urls = { waitingRoom: 'http://a', orderCore: 'http://b', paymentWorker: 'http://c', notifier: 'http://d' }
const named = {
  WAITING_ROOM_URL: 'http://room',
  ORDER_CORE_URL: 'http://core',
  PAYMENT_WORKER_URL: 'http://worker',
  NOTIFIER_URL: 'http://notifier',
  ADMIN_TOKEN: 'operator',
}
let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'data-'))
  await writeFile(join(directory, 'running.json'), JSON.stringify({ urls, adminToken: 'local' }))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const all = { all: true }

test('the named apps are used, and otherwise the local ones', async () => {
  expect(await findApps({ ...named, FLOODGATE_DATA: directory }, all)).toMatchObject({
    urls: { 'waiting-room': 'http://room', notifier: 'http://notifier' },
    adminToken: 'operator',
  })
  expect(await findApps({ FLOODGATE_DATA: directory, ADMIN_TOKEN: 'operator' }, all)).toEqual({
    urls: { 'waiting-room': 'http://a', 'order-core': 'http://b', 'payment-worker': 'http://c', notifier: 'http://d' },
    adminToken: 'local',
  })
})

test('with some of the variables nothing of the local system is used', async () => {
  const { NOTIFIER_URL: _, ...withoutNotifier } = named
  await expect(findApps({ ...withoutNotifier, FLOODGATE_DATA: directory }, all)).rejects.toThrow('NOTIFIER_URL missing')
  const onlyOne = { ORDER_CORE_URL: 'http://core', FLOODGATE_DATA: directory }
  await expect(findApps(onlyOne, all)).rejects.toThrow(
    'WAITING_ROOM_URL, PAYMENT_WORKER_URL, NOTIFIER_URL, ADMIN_TOKEN missing',
  )
  await expect(findApps(onlyOne, { all: false })).rejects.toThrow(/^ADMIN_TOKEN missing/)
})

test('a command that needs one app reads no other variable', async () => {
  const environment = { ...named, FLOODGATE_DATA: directory }
  const worker = { apps: ['payment-worker'], all: true } as const
  expect((await findApps(environment, worker)).urls).toEqual({ 'payment-worker': 'http://worker' })
  const { PAYMENT_WORKER_URL: _, ...others } = environment
  expect((await findApps(others, worker)).adminToken).toBe('local')
})

test('explains what to do when no local system runs', async () => {
  await expect(findApps({ FLOODGATE_DATA: join(directory, 'missing') }, all)).rejects.toThrow('npm start')
})
