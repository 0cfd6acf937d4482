import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Operator } from '@floodgate/client'
import { removeData, type System, startSystem, withoutClientLimits } from '@floodgate/dev/system'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCommand } from '../cli/parse-command.ts'
import { readConditions } from '../machine/conditions.ts'
import { createBenchOperator } from '../system/operator.ts'
import { exitCodes, UsageError } from '../usage-error.ts'
import { rehearseBench } from './rehearse-bench.ts'

const main = join(import.meta.dirname, '../main.ts')
/** A documentation address (RFC 5737), which belongs to no host. */
const ELSEWHERE = 'http://192.0.2.1'

let directory: string
let system: System
let operator: Operator
let stranger: Server
const heardByStranger: (string | undefined)[] = []
let unready: Server

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'floodgate-rehearse-'))
  system = await startSystem({
    dataDir: join(directory, 'data'),
    ports: 'free',
    durable: false,
    endWithParent: true,
    environment: withoutClientLimits({ 'payment-worker': { PROVIDER_WRITES_PER_SECOND_MAX: '8' } }),
  })
  operator = createBenchOperator(system)
  stranger = createServer((request, response) => {
    heardByStranger.push(request.headers.authorization)
    response.end('{"hello":"world"}')
  })
  unready = createServer(({ url }, response) => {
    const noSale = { type: 'urn:floodgate:problem:sale-not-found' }
    response.end(JSON.stringify(url === '/readyz' ? { ready: false, checks: { redis: { ready: false } } } : noSale))
  })
  for (const server of [stranger, unready]) await once(server.listen(0, '127.0.0.1'), 'listening')
})

afterAll(async () => {
  stranger.close()
  unready.close()
  await system.stop()
  await removeData(system.dataDir)
  await rm(directory, { recursive: true, force: true })
})

interface Run {
  readonly code: number
  readonly output: string
}

function rehearse(
  args: readonly string[],
  options: { readonly token?: string; onOutput?(output: string, kill: () => void): void } = {},
): Promise<Run> {
  const { token = system.adminToken, onOutput } = options
  const child = spawn(process.execPath, [main, 'rehearse', '--results', join(directory, 'results'), ...args], {
    env: { ...process.env, ADMIN_TOKEN: token },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return new Promise((resolve) => {
    let output = ''
    const hear = (chunk: Buffer): void => {
      output += String(chunk)
      onOutput?.(output, () => child.kill('SIGINT'))
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('close', (code) => resolve({ code: code ?? -1, output }))
  })
}

const target = (): string[] => ['--target', system.urls.waitingRoom]
const operations = (): string[] => {
  const { waitingRoom, orderCore, paymentWorker } = system.urls.operations
  return ['--waiting-room-ops', waitingRoom, '--order-core-ops', orderCore, '--payment-worker-ops', paymentWorker]
}
const urlOf = (server: Server): string => {
  const address = server.address()
  return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : ''
}

/** Runs the bench in this process and returns the error that stopped it from starting. */
async function usageErrorOf(args: readonly string[], token = system.adminToken): Promise<UsageError> {
  const tokenFile = join(directory, 'refused-token')
  await writeFile(tokenFile, token)
  const command = parseCommand([rehearseBench], ['rehearse', '--admin-token-file', tokenFile, ...args])
  if (command.kind !== 'run') throw new Error(`Not to be run: ${command.kind}`)
  const reason: unknown = await rehearseBench
    .run({
      values: command.valuesOf(rehearseBench),
      small: false,
      directory,
      conditions: await readConditions(),
      progress: () => undefined,
      signal: new AbortController().signal,
    })
    .catch((error: unknown) => error)
  if (reason instanceof UsageError) return reason
  throw new Error('The rehearsal was not rejected.', { cause: reason })
}

describe('a rehearsal is rejected before it creates anything', () => {
  it('without a target', async () => {
    expect(await usageErrorOf([])).toMatchObject({
      exitCode: exitCodes.usage,
      message: expect.stringContaining('--target URL'),
    })
  })

  it('against another host, unless its owner says so', async () => {
    const { code, output } = await rehearse(['--target', ELSEWHERE])
    expect(code).toBe(exitCodes.usage)
    expect(output).toContain('192.0.2.1 (--target) is not this machine')
    expect(output).toContain('--yes-load-this-host')
  })

  it('with an operations port on another host', async () => {
    expect(await usageErrorOf([...target(), '--waiting-room-ops', ELSEWHERE])).toMatchObject({
      exitCode: exitCodes.usage,
      message: expect.stringContaining('192.0.2.1 (--waiting-room-ops) is not this machine'),
    })
  })

  it('with an order core on another host', async () => {
    expect(await usageErrorOf([...target(), '--order-core', ELSEWHERE])).toMatchObject({
      exitCode: exitCodes.usage,
      message: expect.stringContaining('192.0.2.1 (--order-core) is not this machine'),
    })
  })

  it('with a wrong token', async () => {
    const { exitCode, message } = await usageErrorOf(target(), 'not-the-token-of-this-operator')
    expect(exitCode).toBe(exitCodes['no-permission'])
    expect(message).toContain('rejects this admin token')
    expect(message).not.toContain('not-the-token')
  })

  it('where no server responds', async () => {
    expect(await usageErrorOf(['--target', 'http://127.0.0.1:1'])).toMatchObject({
      exitCode: exitCodes.unavailable,
      message: expect.stringContaining('http://127.0.0.1:1 cannot be reached'),
    })
  })

  it('where another server responds, which does not get the token', async () => {
    expect(await usageErrorOf(['--target', urlOf(stranger)])).toMatchObject({
      exitCode: exitCodes.protocol,
      message: expect.stringContaining("is not Floodgate's waiting room"),
    })
    expect(await usageErrorOf([...target(), '--order-core', urlOf(stranger)])).toMatchObject({
      exitCode: exitCodes.protocol,
      message: expect.stringContaining("is not Floodgate's order core"),
    })
    expect(heardByStranger.length).toBeGreaterThan(1)
    expect(heardByStranger.filter((authorization) => authorization !== undefined)).toEqual([])
  })

  it('where it is not ready', async () => {
    expect(await usageErrorOf([...target(), '--waiting-room-ops', urlOf(unready)])).toMatchObject({
      exitCode: exitCodes.unavailable,
      message: expect.stringContaining('is not ready: redis'),
    })
  })

  it('with the name of an existing sale', async () => {
    await operator.openSale('rehearsal-taken')
    expect(await usageErrorOf([...target(), '--sale', 'rehearsal-taken'])).toMatchObject({
      exitCode: exitCodes['cannot-create'],
      message: expect.stringContaining('The sale "rehearsal-taken" exists'),
    })
    expect(await operator.sale('rehearsal-taken')).toMatchObject({ state: 'open' })
  })
})

describe('a rehearsal', () => {
  it('sells its stock, reports that and that the rate of the provider was its limit, closes its sale and reveals no secret', async () => {
    const tokenFile = join(directory, 'token')
    await writeFile(tokenFile, `${system.adminToken}\n`, { mode: 0o600 })
    const { code, output } = await rehearse(
      [...target(), ...operations(), '--small', '--sale', 'rehearsal-whole', '--admin-token-file', tokenFile],
      { token: '' },
    )
    expect(output).toContain('20 of 20 units are sold')
    expect(output).not.toContain('metrics could not be read')
    expect(output).toMatch(/The line was empty at \d\d:\d\d/)
    expect(output).toContain('The closed sale rehearsal-whole remains')
    expect({ code, output }).toMatchObject({ code: 0 })
    expect(await operator.sale('rehearsal-whole')).toMatchObject({ state: 'closed' })
    const written = await readFile(join(directory, 'results/rehearse.json'), 'utf8')
    expect(`${output}${written}`).not.toContain(system.adminToken)
    // A machine on which the generator is late says nothing about the deployment.
    expect(output).toMatch(/to saturate.*(the payment provider's rate: charges waited|was this generator)/s)
  })

  it('closes its sale when it is interrupted', async () => {
    const { code, output } = await rehearse([...target(), '--sale', 'rehearsal-interrupted', '--rate', '1'], {
      onOutput: (heard, interrupt) => heard.includes('is open') && !heard.includes('Interrupted') && interrupt(),
    })
    expect(code).toBe(1)
    expect(output).toContain('It was interrupted: the crowd was aborted')
    expect(await operator.sale('rehearsal-interrupted')).toMatchObject({ state: 'closed' })
  })

  it('aborts its crowd when the shop breaks down, and closes its sale', async () => {
    let stopped: Promise<void> | undefined
    const { code, output } = await rehearse([...target(), '--sale', 'rehearsal-storm'], {
      onOutput: (heard) => {
        if (heard.includes('is open')) stopped ??= system.stopApp('order-core')
      },
    })
    await stopped
    await system.startApp('order-core')
    expect(code).toBe(1)
    expect(output).toContain('More than one in twenty responses failed within ten seconds')
    expect(await operator.sale('rehearsal-storm')).toMatchObject({ state: 'closed' })
  })
})
