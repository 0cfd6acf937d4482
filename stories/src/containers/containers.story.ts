import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ContainerEngine, makeNodeImage, makeServerImages, startContainerEngine } from '@floodgate/local-servers'
import { temporaryDirectory } from '@floodgate/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openShop, type Shop } from '../compose/shop.ts'
import { createStack, type Stack } from './stack.ts'

const repository = join(import.meta.dirname, '../../..')
const APPS = ['waiting-room', 'order-core', 'payment-worker', 'notifier']
const SIMULATORS = ['payment-simulator', 'mail']
const SERVERS = ['redis', 'postgres', 'kafka']
const IMAGE_BYTES_MAX = 250_000_000
const START_MS_MAX = 2_000
/** Other parts run beside this one. */
const START_ATTEMPTS = 8
const PREPARE_MS_MAX = 30 * 60_000

/** Prints the status of the container's process, and the error of writing each file. */
const LOOK_AROUND = `
  const errors = {}
  for (const path of ['/file', '/floodgate/file', '/tmp/file']) {
    try {
      fs.writeFileSync(path, '')
      errors[path] = null
    } catch ({ code }) {
      errors[path] = code
    }
  }
  console.log(JSON.stringify({ status: fs.readFileSync('/proc/1/status', 'utf8'), errors }))`
const confinement = z.object({ status: z.string(), errors: z.record(z.string(), z.string().nullable()) })
const inspectedImage = z.tuple([z.object({ Size: z.number() })])

const cleanups: (() => Promise<unknown>)[] = []
let engine: ContainerEngine
let stack: Stack
let shop: Shop

/** Builds the image of the Dockerfile as `docker compose build` does. */
async function buildImage(directory: string): Promise<void> {
  const dockerfile = await readFile(join(repository, 'Dockerfile'), 'utf8')
  const insteadOf = /^FROM (node:\S+)/m.exec(dockerfile)?.[1] ?? ''
  const options = await makeNodeImage(engine, { node: process.execPath, insteadOf, directory: join(directory, 'node') })
  // The format of Docker: that of OCI has no health checks.
  await engine.podman('build', ...options, '--format=docker', '--layers=false', '--tag=floodgate', repository)
}

beforeAll(async () => {
  const { path: directory, remove } = await temporaryDirectory()
  cleanups.push(remove)
  engine = await startContainerEngine(join(directory, 'engine'))
  cleanups.push(() => engine.stop())
  await Promise.all([buildImage(directory), makeServerImages(engine, directory)])
  stack = await createStack({ engine, repository, directory })
  await stack.up()
  const secrets = await stack.compose(
    'run',
    '--rm',
    '-T',
    'secrets',
    'node',
    'docker/create-secrets.ts',
    '/secrets',
    '--show',
  )
  const adminToken = /^ADMIN_TOKEN=(.+)$/m.exec(secrets)?.[1]?.trim() ?? ''
  const urls = { waitingRoomUrl: stack.url('waiting-room'), orderCoreUrl: stack.url('order-core') }
  shop = await openShop({ ...urls, mailUrl: stack.url('mail'), adminToken })
}, PREPARE_MS_MAX)

afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

describe('docker-compose.yml on a container engine', () => {
  it('sells one item: paid, confirmed and mailed', async () => {
    await shop.buy()
    expect(await shop.sold()).toBe(1)
  })

  it('runs from an image under 250 MB, without a shell', async () => {
    const [{ Size }] = inspectedImage.parse(JSON.parse(await engine.podman('image', 'inspect', 'floodgate')))
    expect(Size).toBeLessThan(IMAGE_BYTES_MAX)
    await expect(stack.exec('waiting-room', 'sh', '-c', 'exit 0')).rejects.toThrow(/executable file .*not found/)
  })

  it.each([...APPS, ...SIMULATORS])('%s is not root, has no capability, and writes to /tmp alone', async (service) => {
    const { status, errors } = confinement.parse(JSON.parse(await stack.exec(service, 'node', '--eval', LOOK_AROUND)))
    expect(status).toMatch(/^Uid:(\t1000){4}$/m)
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
      expect(status).toMatch(new RegExp(`^${set}:\\t0+$`, 'm'))
    expect(status).toMatch(/^NoNewPrivs:\t1$/m)
    expect(errors).toEqual({ '/file': 'EROFS', '/floodgate/file': 'EROFS', '/tmp/file': null })
  })

  it('migrates once: the second run of the container finds nothing to do', async () => {
    expect(await stack.compose('run', '--rm', '-T', '--no-deps', 'migrate')).toMatch(/^up to date\s*$/m)
  })

  it.each([...APPS, ...SIMULATORS, ...SERVERS])('sells on after a restart of %s', async (service) => {
    const before = await shop.sold()
    await stack.restart(service)
    await shop.buy()
    expect(await shop.sold()).toBe(before + 1)
  })

  it.each(APPS)('%s is ready within two seconds of its start, once in eight', async (app) => {
    const times: number[] = []
    while (times.length < START_ATTEMPTS && !times.some((ms) => ms < START_MS_MAX)) times.push(await stack.startMs(app))
    console.log(`${app} was ready after ${times.join(', ')} ms`)
    expect(Math.min(...times)).toBeLessThan(START_MS_MAX)
  })

  it('stops in order, each app by itself with exit code 0, and starts again in another order with its data', async () => {
    const sold = await shop.sold()
    await stack.stop()
    for (const service of [...APPS, ...SIMULATORS])
      expect(await stack.inspect(service), service).toMatchObject({ running: false, exitCode: 0 })
    await stack.startAgain()
    await shop.buy()
    expect(await shop.sold()).toBe(sold + 1)
  })
})
