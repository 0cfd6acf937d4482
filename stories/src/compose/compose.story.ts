import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startKafka, startPostgres, startRedis } from '@floodgate/local-servers'
import { freePorts } from '@floodgate/processes'
import { eventually, temporaryDirectory } from '@floodgate/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ComposeService, parseCompose, startOrder } from './compose-file.ts'
import { buildImage } from './image.ts'
import { openShop } from './shop.ts'

const run = promisify(execFile)
const repository = join(import.meta.dirname, '../../..')
const NOBODY = 65_534

const cleanups: (() => Promise<unknown>)[] = []
const services = parseCompose(await readFile(join(repository, 'docker-compose.yml'), 'utf8'))
/** Maps a host name and port of the compose network to this machine. */
const places = new Map<string, string>()
let root = ''
let secrets = ''

const translate = (text: string): string => {
  let translated = text.replaceAll(/\/secrets(?=\/|$)/g, secrets)
  for (const [inner, here] of places) translated = translated.replaceAll(inner, here)
  return translated
}
const portOf = (name: string) => Number(places.get(`${name}:${services.get(name)?.environment.PORT}`)?.split(':')[1])
const url = (name: string) => `http://127.0.0.1:${portOf(name)}`

/** Drops every privilege, as `USER node` does in the image. */
const unprivileged = (command: readonly string[]): [string, string[]] =>
  process.getuid?.() === 0
    ? ['setpriv', [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', ...command]]
    : [command[0] ?? '', command.slice(1)]

const commandOf = (words: readonly string[]) =>
  unprivileged(words.map(translate).map((word, index) => (index === 0 && word === 'node' ? node() : word)))
const node = () => join(root, '../tools/node')

const environmentOf = (name: string, service: ComposeService) => {
  const variables = Object.entries(service.environment).map(
    ([variable, value]) => [variable, translate(value)] as const,
  )
  const ports = [...places].filter(([inner]) => inner.startsWith(`${name}:`))
  const port = (declared: string | undefined) =>
    ports.find(([inner]) => inner === `${name}:${declared}`)?.[1].split(':')[1] ?? ''
  return {
    ...Object.fromEntries(variables),
    PATH: process.env.PATH ?? '',
    HOST: '127.0.0.1',
    ...(service.environment.PORT === undefined ? {} : { PORT: port(service.environment.PORT) }),
    ...(service.environment.OPS_PORT === undefined
      ? {}
      : { OPS_HOST: '127.0.0.1', OPS_PORT: port(service.environment.OPS_PORT) }),
    ...(service.environment.SMTP_PORT === undefined ? {} : { SMTP_PORT: port(service.environment.SMTP_PORT) }),
  }
}

const runToEnd = async (name: string, service: ComposeService) => {
  const [program, words] = commandOf(service.command ?? [])
  await run(program, words, { cwd: root, env: environmentOf(name, service) })
}

const keepRunning = (name: string, service: ComposeService) => {
  const [program, words] = commandOf(service.command ?? [])
  const child = spawn(program, words, {
    cwd: root,
    env: environmentOf(name, service),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: string[] = []
  const listen = (chunk: Buffer) => said.splice(0, said.length, ...[...said, String(chunk)].slice(-20))
  child.stdout.on('data', listen)
  child.stderr.on('data', listen)
  cleanups.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  return { alive: () => child.exitCode === null, said: () => said.join('') }
}

const untilHealthy = async (name: string, service: ComposeService, process: ReturnType<typeof keepRunning>) => {
  const [, ...test] = service.healthcheck?.test ?? []
  // The health check uses the container's own address; here every container is this machine, on its own ports.
  const asked = service.environment.OPS_PORT ?? service.environment.PORT ?? ''
  const words = test.map((word) => word.replace(`127.0.0.1:${asked}`, places.get(`${name}:${asked}`) ?? ''))
  const [program, rest] = commandOf(words)
  await eventually(
    async () => {
      if (!process.alive()) throw new Error(`${name} has ended:\n${process.said()}`)
      await run(program, rest, { cwd: root }).catch(() => {
        throw new Error(`${name} is not healthy:\n${process.said()}`)
      })
    },
    { intervalMs: 500 },
  )
}

beforeAll(async () => {
  const { path: directory, remove } = await temporaryDirectory()
  cleanups.push(remove)
  root = await buildImage({ repository, directory, node: process.execPath })
  secrets = join(directory, 'secrets')
  await mkdir(secrets)
  if (process.getuid?.() === 0) await chown(secrets, NOBODY, NOBODY)
  await chmod(directory, 0o755)

  const own = [...services].flatMap(([name, { environment }]) =>
    [environment.PORT, environment.OPS_PORT].flatMap((port) => (port === undefined ? [] : [{ name, port }])),
  )
  const [postgresPort = 0, redisPort = 0, kafkaPort = 0, controllerPort = 0, smtpPort = 0, ...ports] = await freePorts(
    5 + own.length,
  )
  places.set('postgres:5432', `127.0.0.1:${postgresPort}`)
  places.set('redis:6379', `127.0.0.1:${redisPort}`)
  places.set('kafka:19092', `127.0.0.1:${kafkaPort}`)
  places.set('mail:7525', `127.0.0.1:${smtpPort}`)
  for (const [index, { name, port }] of own.entries()) places.set(`${name}:${port}`, `127.0.0.1:${ports[index]}`)

  const external: Record<string, () => Promise<{ stop(): Promise<unknown> }>> = {
    postgres: async () => {
      const password = await readFile(join(secrets, 'postgres-password'), 'utf8')
      return startPostgres({ dataDir: join(directory, 'postgres'), port: postgresPort, password, durable: false })
    },
    redis: () => startRedis({ dataDir: join(directory, 'redis'), port: redisPort }),
    kafka: () => startKafka({ dataDir: join(directory, 'kafka'), port: kafkaPort, controllerPort }),
  }
  for (const name of startOrder(services)) {
    const service = services.get(name)
    if (service === undefined) throw new Error(`${name} is required and not defined`)
    const elsewhere = external[name]
    if (elsewhere !== undefined) {
      const server = await elsewhere()
      cleanups.push(() => server.stop())
    } else if (service.healthcheck === undefined) {
      await runToEnd(name, service)
      const file = join(secrets, 'secrets.env')
      await writeFile(file, translate(await readFile(file, 'utf8')))
    } else await untilHealthy(name, service, keepRunning(name, service))
  }
})

afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

describe('docker-compose.yml', () => {
  it('sells one item, from the files and settings that its containers get', async () => {
    const environment = await readFile(join(secrets, 'secrets.env'), 'utf8')
    const adminToken = /^ADMIN_TOKEN=(.+)$/m.exec(environment)?.[1] ?? ''
    const urls = { waitingRoomUrl: url('waiting-room'), orderCoreUrl: url('order-core'), mailUrl: url('mail') }
    const shop = await openShop({ ...urls, adminToken })
    await shop.buy()
    expect(await shop.sold()).toBe(1)
  })
})
