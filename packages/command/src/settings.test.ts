import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findApps } from './settings.ts'

const LOCAL = { waitingRoom: 'http://a', orderCore: 'http://b', paymentWorker: 'http://c', notifier: 'http://d' }
const NAMED = { WAITING_ROOM_URL: 'http://room', ORDER_CORE_URL: 'http://core', FLOODGATE_TOKEN: 'mine' }
let directory: string
let file: string
let missing: Record<string, string>

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'floodgate-'))
  file = join(directory, 'config.json')
  missing = { HOME: join(directory, 'nobody'), FLOODGATE_DATA: directory }
  await writeFile(join(directory, 'running.json'), JSON.stringify({ urls: LOCAL, adminToken: 'local' }))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

async function writeSettings(content: unknown): Promise<void> {
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  await chmod(file, 0o600)
}

it('options come before the environment, that before the file, and that before the local system; never a mix of them', async () => {
  await writeSettings({ urls: { notifier: 'http://of-file' }, token: 'of-file' })
  const given = { 'order-core': 'http://given' }
  const environment = { ...missing, ...NAMED, FLOODGATE_CONFIG: file }
  expect(await findApps(environment, { given })).toEqual({ urls: given, adminToken: 'mine' })
  expect(await findApps(environment)).toEqual({
    urls: { 'waiting-room': 'http://room', 'order-core': 'http://core' },
    adminToken: 'mine',
  })
  expect(await findApps({ ...missing, FLOODGATE_CONFIG: file })).toEqual({
    urls: { notifier: 'http://of-file' },
    adminToken: 'of-file',
  })
  expect(await findApps({ ...missing, ...NAMED }, { given: { config: file } })).toMatchObject({
    urls: { notifier: 'http://of-file' },
  })
  expect(await findApps({ ...missing, ADMIN_TOKEN: 'of another system' })).toEqual({
    urls: { 'waiting-room': 'http://a', 'order-core': 'http://b', 'payment-worker': 'http://c', notifier: 'http://d' },
    adminToken: 'local',
  })
})

it('a token never reaches the URLs of another source: neither ADMIN_TOKEN nor FLOODGATE_TOKEN replaces that of a file', async () => {
  const notes: string[] = []
  const note = (line: string) => void notes.push(line)
  const elsewhere = { ...missing, ADMIN_TOKEN: 'of another system', FLOODGATE_CONFIG: file }
  await writeSettings({ urls: { notifier: 'http://of-file' }, token: 'of-file' })
  expect((await findApps(elsewhere, { note })).adminToken).toBe('of-file')
  expect(notes).toEqual([])
  expect((await findApps({ ...elsewhere, FLOODGATE_TOKEN: 'mine' }, { note })).adminToken).toBe('of-file')
  expect(notes).toEqual(['FLOODGATE_TOKEN is not used: the settings file has a token.'])
  expect((await findApps(elsewhere, { given: { token: 'typed' } })).adminToken).toBe('typed')
  await writeSettings({ urls: { notifier: 'http://of-file' } })
  expect((await findApps({ ...elsewhere, FLOODGATE_TOKEN: 'mine' })).adminToken).toBe('mine')
  await expect(findApps(elsewhere)).rejects.toThrow('The token is missing')
})

it('a settings file that exists and cannot be read is not skipped: the command would touch another system', async () => {
  const home = join(directory, 'home')
  await mkdir(join(home, '.config/floodgate/config.json'), { recursive: true })
  await expect(findApps({ ...missing, HOME: home })).rejects.toThrow('config.json cannot be read')
})

it('the byte order mark of a Windows editor is no fault, and an empty FLOODGATE_CONFIG is an unset one', async () => {
  await writeSettings(`\ufeff${JSON.stringify({ urls: { notifier: 'http://n' }, token: 't' })}`)
  expect((await findApps({ ...missing, FLOODGATE_CONFIG: file })).adminToken).toBe('t')
  expect((await findApps({ ...missing, FLOODGATE_CONFIG: '' })).adminToken).toBe('local')
})

it('--config is not ignored beside URLs of the command line', async () => {
  const given = { config: file, 'order-core': 'http://core' }
  await expect(findApps({ ...missing, ...NAMED }, { given })).rejects.toThrow('exclude each other')
})

it('an empty FLOODGATE_TOKEN is an unset one', async () => {
  expect((await findApps({ ...missing, FLOODGATE_TOKEN: '' })).adminToken).toBe('local')
  const { FLOODGATE_TOKEN: _, ...urls } = NAMED
  expect((await findApps({ ...missing, ...urls, FLOODGATE_TOKEN: '', ADMIN_TOKEN: 'first' })).adminToken).toBe('first')
})

it('the token may be in a file of its own, and the old ADMIN_TOKEN is one', async () => {
  await writeFile(join(directory, 'token'), 'secret\n')
  await writeSettings({ urls: { notifier: 'http://n' }, tokenFile: join(directory, 'token') })
  expect((await findApps({ ...missing, FLOODGATE_CONFIG: file })).adminToken).toBe('secret')
  const { FLOODGATE_TOKEN: _, ...urls } = NAMED
  expect((await findApps({ ...missing, ...urls, ADMIN_TOKEN: 'first' })).adminToken).toBe('first')
})

it('a token that others can read gets a warning', async () => {
  const notes: string[] = []
  const note = (line: string) => void notes.push(line)
  await findApps({ ...missing, ...NAMED }, { given: { token: 'typed' }, note })
  await writeSettings({ urls: { notifier: 'http://n' }, token: 't' })
  await findApps({ ...missing, FLOODGATE_CONFIG: file }, { note })
  await chmod(file, 0o644)
  await findApps({ ...missing, FLOODGATE_CONFIG: file }, { note })
  expect(notes).toEqual([
    expect.stringContaining('can read a token on the command line'),
    expect.stringContaining(`chmod 600 ${file}`),
  ])
})

it.each<[string, unknown, string]>([
  ['no JSON', '{', 'is invalid: it is no JSON'],
  ['an unknown app', { urls: { shop: 'http://x' } }, 'is invalid'],
  ['no http URL', { urls: { notifier: 'file:///etc' } }, 'is invalid'],
  ['an unknown setting', { urls: {}, tokn: 'x' }, 'is invalid'],
  ['no token', { urls: { notifier: 'http://n' } }, 'The token is missing'],
  ['a token file that is missing', { urls: {}, tokenFile: '/nowhere/token' }, '/nowhere/token cannot be read'],
])('a settings file with %s is rejected', async (_, content, message) => {
  await writeSettings(content)
  await expect(findApps({ ...missing, FLOODGATE_CONFIG: file })).rejects.toThrow(message)
})

it('what is missing or invalid is named', async () => {
  const nothing = { ...missing, FLOODGATE_DATA: join(directory, 'none') }
  await expect(findApps(nothing)).rejects.toThrow('run npm start')
  await expect(findApps({ ...nothing, ORDER_CORE_URL: 'http://core' })).rejects.toThrow('The token is missing')
  await expect(findApps({ ...nothing, ORDER_CORE_URL: 'core:7200' })).rejects.toThrow(
    '"core:7200", which is no http(s) URL',
  )
  const secretUrl = { ...NAMED, ORDER_CORE_URL: 'http://ops:hunter2@core' }
  await expect(findApps({ ...nothing, ...secretUrl })).rejects.toThrow(
    /^The URL of the order-core has a user or a password: the token is the only credential\.$/,
  )
  await expect(findApps({ ...nothing, ...NAMED, FLOODGATE_TOKEN: 'a b' })).rejects.toThrow(
    'characters that no token has',
  )
  for (const text of ['{', '{"urls":{}}']) {
    await writeFile(join(directory, 'running.json'), text)
    await expect(findApps(missing)).rejects.toThrow('running.json is incomplete: run npm start again')
  }
  await expect(findApps(nothing, { given: { config: '/nowhere' } })).rejects.toThrow('/nowhere cannot be read')
})
