import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ownTlsRedis, type TemporaryDirectory, type TlsRedis, temporaryDirectory } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { closeRedis, createRedis, type Redis, waitUntilReady } from './index.ts'

let directory: TemporaryDirectory
let server: TlsRedis
const open: Redis[] = []

beforeAll(async () => {
  directory = await temporaryDirectory()
  server = await ownTlsRedis({ password: 'word' })
})
afterEach(async () => {
  await Promise.all(open.splice(0).map(closeRedis))
})
afterAll(async () => {
  await server.remove()
  await directory.remove()
})

interface Attempt {
  readonly host?: string
  readonly parameters: Record<string, string>
}

/** Resolves to true once connected, or to the first error. */
async function connect({ host = '127.0.0.1', parameters }: Attempt): Promise<unknown> {
  const url = `rediss://:word@${host}:${server.port}?${new URLSearchParams(parameters)}`
  const redis = createRedis({ url, name: 'test', role: 'commands', log: silentLogger })
  open.push(redis)
  const failed = new Promise((resolve) => redis.once('error', (error: Error) => resolve(error.message)))
  return Promise.race([waitUntilReady(redis, AbortSignal.timeout(60_000)).then(() => true), failed])
}

const client = () => ({ cert: server.files.certificateFile, key: server.files.keyFile })
const trusting = () => ({ ca: server.files.certificateFile, ...client() })

it('a certificate is checked for the host, for the given name instead, or for none', async () => {
  const name = { parameters: { ...trusting(), serverName: 'redis.example' } }
  expect(await connect({ parameters: trusting() })).toBe(true)
  expect(await connect(name)).toBe(true)
  expect(await connect({ ...name, host: 'localhost' })).toBe(true)
  expect(await connect({ parameters: { ...trusting(), serverName: 'other.example' } })).toContain('other.example')
  expect(await connect({ host: 'localhost', parameters: trusting() })).toContain('localhost')
  expect(await connect({ host: 'localhost', parameters: { ...trusting(), checkName: 'no' } })).toBe(true)
})

it('an unknown authority, and a client without a certificate, are rejected', async () => {
  expect(await connect({ parameters: client() })).toContain('self-signed')
  expect(await connect({ parameters: { ca: server.files.certificateFile } })).not.toBe(true)
})

it('a missing file, one that is no certificate and a key of another certificate stop the start', async () => {
  const text = join(directory.path, 'text.pem')
  await writeFile(text, 'no certificate')
  const damaged = join(directory.path, 'damaged.pem')
  await writeFile(damaged, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
  function create(parameters: Record<string, string>) {
    const url = `rediss://host?${new URLSearchParams(parameters)}`
    return createRedis({ url, name: 'test', role: 'commands', log: silentLogger })
  }
  const { cert } = client()
  expect(() => create({ ca: '/nowhere/ca.pem' })).toThrow(/parameter ca cannot be read: ENOENT/)
  expect(() => create({ ca: text })).toThrow(/parameter ca is not in PEM format/)
  expect(() => create({ ca: damaged })).toThrow(/parameter ca has no certificate, or a damaged one/)
  expect(() => create({ cert, key: cert })).toThrow(/cannot be used/)
})
