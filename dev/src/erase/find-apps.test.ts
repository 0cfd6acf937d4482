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

test('the apps that are named are taken, and otherwise those that run here', async () => {
  expect(await findApps({ ...named, FLOODGATE_DATA: directory })).toMatchObject({
    apps: { waitingRoom: 'http://room', notifier: 'http://notifier' },
    adminToken: 'operator',
  })
  expect(await findApps({ FLOODGATE_DATA: directory, ADMIN_TOKEN: 'operator' })).toEqual({
    apps: urls,
    adminToken: 'local',
  })
})

test('with some of the variables nothing is taken from what runs here', async () => {
  const { NOTIFIER_URL: _, ...withoutNotifier } = named
  await expect(findApps({ ...withoutNotifier, FLOODGATE_DATA: directory })).rejects.toThrow('NOTIFIER_URL missing')
  const onlyOne = { ORDER_CORE_URL: 'http://core', FLOODGATE_DATA: directory }
  await expect(findApps(onlyOne)).rejects.toThrow(
    'WAITING_ROOM_URL, PAYMENT_WORKER_URL, NOTIFIER_URL, ADMIN_TOKEN missing',
  )
})

test('what to do is told when nothing runs here', async () => {
  await expect(findApps({ FLOODGATE_DATA: join(directory, 'missing') })).rejects.toThrow('npm start')
})
