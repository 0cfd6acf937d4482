import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort, isSameProcess, PortInUse, portHolder, processIdentity } from '@floodgate/processes'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ServerFailed } from './errors.ts'
import { postgresDataDir, startPostgres } from './postgres/index.ts'
import { requireRedisServer } from './redis/install.ts'
import { startRedis } from './redis/server.ts'

// mkdtemp sets mode 0700: what a root user's home looks like to Postgres' own user.
let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'floodgate-test-'))
})
afterEach(async () => {
  await rm(await postgresDataDir(join(directory, 'postgres')), { recursive: true, force: true })
  await rm(directory, { recursive: true, force: true })
})

test('Postgres starts in a directory that only its owner may enter, and reports where its data is', async () => {
  const asked = join(directory, 'postgres')
  const server = await startPostgres({
    dataDir: asked,
    port: await freePort(),
    password: 'it is "odd" @:/',
    durable: false,
  })
  try {
    if (process.getuid?.() === 0) expect(server.dataDir).toMatch(/^\/var\/lib\/floodgate\/[0-9a-f]{12}$/)
    else expect(server.dataDir).toBe(asked)
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    const { rows } = await client.query(
      'SELECT current_database() AS name, pg_encoding_to_char(encoding) AS encoding FROM pg_database',
    )
    await client.end()
    expect(rows[0]).toEqual({ name: 'floodgate', encoding: 'UTF8' })
  } finally {
    await server.stop()
  }
  const again = startPostgres({ dataDir: asked, port: server.port, password: 'another', durable: false })
  await expect(again).rejects.toThrow('another password')
  expect(await portHolder(server.port)).toBeUndefined()
})

test('a start whose signal is aborted leaves no process behind', async () => {
  const stopping = new AbortController()
  const port = await freePort()
  const started = startPostgres({
    dataDir: join(directory, 'postgres'),
    port,
    password: 'test',
    durable: false,
    signal: stopping.signal,
    log: () => stopping.abort(),
  })
  await expect(started).rejects.toThrow('aborted')
  expect(await portHolder(port)).toBeUndefined()
})

test('a port in use is rejected before anything is started', async () => {
  const port = await freePort()
  const holder = createServer()
  holder.listen(port, '127.0.0.1')
  await once(holder, 'listening')
  await expect(startRedis({ dataDir: join(directory, 'redis'), port })).rejects.toThrow(PortInUse)
  holder.close()
})

test('a server that exits during its start is reported with its last output', async () => {
  const aofDir = join(directory, 'redis', 'appendonlydir')
  await mkdir(aofDir, { recursive: true })
  await writeFile(join(aofDir, 'appendonly.aof.manifest'), 'nonsense\n')
  const failed = await startRedis({ dataDir: join(directory, 'redis'), port: await freePort() }).catch((error) => error)
  expect(failed).toBeInstanceOf(ServerFailed)
  expect(failed.message).toContain('ended while it started')
  expect(failed.lastLines.join('\n')).toContain('manifest')
})

test('a leftover server on the same data is reported and stopped first', async () => {
  const dataDir = join(directory, 'redis')
  await mkdir(dataDir)
  const command = await requireRedisServer()
  const leftover = spawn(command, ['--port', '0', '--unixsocket', 'socket'], { cwd: dataDir, stdio: 'ignore' })
  await once(leftover, 'spawn')
  const identity = await processIdentity(leftover.pid ?? 0)
  if (identity === undefined) throw new Error('The leftover did not start.')
  const progress: string[] = []

  const server = await startRedis({ dataDir, port: await freePort(), onProgress: (line) => progress.push(line) })
  await server.stop()

  expect(await isSameProcess(identity)).toBe(false)
  expect(progress.join('\n')).toContain(`redis-server (${identity.pid})`)
})

test('servers end when the process that started them is killed', async () => {
  const [postgresPort, redisPort] = [await freePort(), await freePort()]
  const starter = spawn(
    process.execPath,
    [join(import.meta.dirname, 'start-and-wait.fixture.ts'), directory, String(postgresPort), String(redisPort)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [line] = await once(createInterface({ input: starter.stdout }), 'line')
  expect(line).toBe('started')
  expect(await portHolder(postgresPort)).toBeDefined()

  starter.kill('SIGKILL')

  const deadline = performance.now() + 10_000
  for (;;) {
    const holders = [await portHolder(postgresPort), await portHolder(redisPort)]
    if (holders.every((holder) => holder === undefined)) return
    if (performance.now() > deadline) throw new Error(`Still running: ${JSON.stringify(holders)}`)
    await delay(20)
  }
})
