import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Fixture, startFixture } from './testing/fixture.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

let fixture: Fixture
beforeAll(async () => {
  fixture = await startFixture()
})
afterAll(() => fixture.stop())

interface Exit {
  readonly code: unknown
  readonly stdout: string
  readonly stderr: string
}

function check(settings: Readonly<Record<string, string>>, ...flags: string[]): Promise<Exit> {
  const env = { PATH: process.env.PATH, ...fixture.settings, ...settings }
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, '--check', ...flags], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    )
  })
}

test('a worker whose connections all work says so, one line each, and exits 0 without having started', async () => {
  const { code, stdout } = await check({ PORT: '1' })
  expect(stdout.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^ok {7}Postgres {10}DATABASE_URL {4}primary, migrated$/),
    expect.stringMatching(/^ok {7}Redis .*REDIS_URL/),
    expect.stringMatching(/^ok {7}payment provider {2}GATEWAY_URL$/),
    expect.stringMatching(/^ok {7}order core .*ORDER_CORE_URL {2}token accepted$/),
  ])
  expect(code).toBe(0)
})

test('every connection is tried although others fail or are mute, no secret is printed, and the exit code is 1', async () => {
  const mute = createServer((socket) => socket.resume()).listen(0, '127.0.0.1')
  const { port } = await new Promise<{ port: number }>((resolve) =>
    mute.once('listening', () => resolve(mute.address() as { port: number })),
  )
  const database = new URL(fixture.settings.DATABASE_URL ?? '')
  database.password = 'wrong-password'
  const settings = { DATABASE_URL: database.href, GATEWAY_URL: `http://user:gateway-password@127.0.0.1:${port}` }
  const { code, stdout, stderr } = await check(settings, '--json')
  mute.close()
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({
    app: 'payment-worker',
    ok: false,
    checks: [
      { name: 'Postgres', state: 'failed', problem: 'the server rejected the password' },
      { name: 'Redis', state: 'ok' },
      { name: 'payment provider', state: 'failed', problem: 'no response within 5 s' },
      { name: 'order core', state: 'ok' },
    ],
  })
  expect(stdout + stderr).not.toMatch(/wrong-password|gateway-password/)
})

test('a real provider without a limit of writes is warned of', async () => {
  const stripe = { PAYMENT_PROVIDER: 'stripe', STRIPE_SECRET_KEY: 'sk_test_0123456789abcdef' }
  const settings = { ...stripe, STRIPE_URL: fixture.settings.GATEWAY_URL ?? '' }
  const [unlimited, limited] = await Promise.all([
    check(settings),
    check({ ...settings, PROVIDER_WRITES_PER_SECOND_MAX: '100' }),
  ])
  expect(unlimited.stdout).toMatch(/^warning .*provider rate .*PROVIDER_WRITES_PER_SECOND_MAX {2}no limit/m)
  expect(limited.stdout).not.toContain('PROVIDER_WRITES_PER_SECOND_MAX')
})

test('a reader that stops reading changes neither the exit code nor the error output', async () => {
  const env = { PATH: process.env.PATH, ...fixture.settings }
  const child = spawn(process.execPath, [MAIN, '--check'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  expect([await once(child, 'close'), said]).toEqual([[0, null], ''])
})
