import { execFile, spawn } from 'node:child_process'
import { chmod, cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { runCrowd } from '@floodgate/crowd'
import { postgresDataDir } from '@floodgate/local-servers'
import { isSameProcess, type ProcessIdentity, processIdentity } from '@floodgate/processes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { repository } from '../system/node-process.ts'
import type { RunningFile } from '../system/running-file.ts'
import { notPrinted, readWalkThroughs, type WalkThrough } from './walk-throughs.ts'

const run = promisify(execFile)
/** Only ends a hanging test. */
const START_MS_MAX = 900_000
/** Longer than a stop gives its processes, so that only a hanging stop fails. */
const STOP_MS_MAX = 60_000
/** Time limit of a rejection, in starts of a bare Node: it loads a few files and installs nothing. */
const BARE_STARTS_MAX = 100
/** Outside of the range from which the systems of other parts get their ports. */
const PORT_BASE = 17_000

let home: string
let checkout: string

/**
 * A checkout as git would give it to a new user, in a directory that only its owner may enter; installed packages are
 * hard links.
 */
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'floodgate-start-'))
  await chmod(home, 0o700)
  checkout = join(home, 'floodgate')
  const { stdout } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: repository,
    maxBuffer: 16 * 1024 * 1024,
  })
  for (const file of stdout.split('\0').filter((name) => name !== ''))
    await cp(join(repository, file), join(checkout, file)).catch(ignoreMissing)
}, START_MS_MAX)

afterAll(async () => {
  // The Postgres of root cannot use a private directory and is elsewhere.
  const postgres = await postgresDataDir(join(checkout, '.data/postgres'))
  for (const path of [postgres, `${postgres}.new`]) await rm(path, { recursive: true, force: true })
  await rm(home, { recursive: true, force: true })
})

test('a new user starts it, buys, stops it with a signal to npm, and starts it again', async () => {
  const firstAt = Date.now()
  const first = await start()
  const running = await first.running()
  const firstMs = Date.now() - firstAt
  expect(await mode(join(checkout, '.data/running.json'))).toBe('600')
  expect(await mode(join(checkout, '.data/secrets.json'))).toBe('600')
  const { buyers } = await runCrowd({
    size: 1,
    mix: { buy: 100, leave: 0, 'be-declined': 0, wait: 0 },
    sale: 'demo',
    waitingRooms: [running.urls.waitingRoom],
    orderCores: [running.urls.orderCore],
    signal: AbortSignal.timeout(START_MS_MAX),
  })
  expect(buyers).toMatchObject([{ outcome: 'confirmed' }])
  const [front, ...others] = await readWalkThroughs(checkout, PORT_BASE)
  const said = await outputOf(front)
  expect(said).toContain("sku: 'demo-headphones'")
  expect(said).toMatch(/confirmed\n.*confirmed.*\n$/i)
  // One after the other: some compare Redis and Postgres, which may differ while buyers order.
  for (const each of others) expect(notPrinted(each, await outputOf(each)), each.name).toEqual([])
  const processes = await identitiesOf(running)
  expect(processes).toHaveLength(9)
  await first.stop()
  for (const each of processes) expect(await isSameProcess(each)).toBe(false)

  const secondAt = Date.now()
  const second = await start()
  await second.running()
  // Everything is installed and set up by now.
  expect(Date.now() - secondAt).toBeLessThan(firstMs)
  const another = await run('npm', ['start', '--', '--port-base', String(PORT_BASE)], { cwd: checkout }).catch(
    (error: { stderr: string }) => error,
  )
  expect(another.stderr).toContain('running already')
  await second.stop()
})

test('after a SIGKILL the next start names leftover processes, and stops them', async () => {
  const first = await start()
  const processes = await identitiesOf(await first.running())
  const supervisor = processes.find(({ name }) => name === 'supervisor')
  process.kill(supervisor?.pid ?? 0, 'SIGKILL')
  await first.ended
  const second = await start()
  await second.running()
  expect(second.output()).toContain('An earlier run was killed and left these processes')
  for (const each of processes) expect(await isSameProcess(each)).toBe(false)
  await second.stop()
})

test('without Redis and without sudo the alternatives are printed at once, before anything is installed', async () => {
  // Only root can hide a program from another user; other users would have to uninstall theirs.
  if (process.getuid?.() !== 0) return
  const script = [
    'mount --bind /dev/null "$(command -v redis-server)"',
    'exec setpriv --reuid 65534 --regid 65534 --clear-groups "$0" "$1"',
  ].join(' && ')
  const { stdout } = await run('sh', ['-c', 'command -v node'], { env: { PATH: pathWithoutBinaries() } })
  const bareAt = Date.now()
  await run(stdout.trim(), ['-e', '0'])
  const bareMs = Date.now() - bareAt
  const startedAt = Date.now()
  const rejected = await run('unshare', ['-m', 'sh', '-c', script, stdout.trim(), join(repository, 'dev/start.mjs')], {
    env: { PATH: pathWithoutBinaries() },
  }).catch((error: { code: number; stderr: string }) => error)
  expect(Date.now() - startedAt).toBeLessThan(BARE_STARTS_MAX * bareMs)
  expect(rejected).toMatchObject({ code: 1 })
  expect(rejected.stderr).toContain('apt-get install -y redis-server')
  expect(rejected.stderr).toContain('REDIS_URL=')
})

/** Runs a walk-through in the checkout, as a new user does. */
async function outputOf(walkThrough: WalkThrough | undefined): Promise<string> {
  const options = { cwd: checkout, timeout: START_MS_MAX, env: { ...process.env, PATH: pathWithoutBinaries() } }
  return (await run('sh', ['-eu', '-c', walkThrough?.script ?? 'exit 1'], options)).stdout
}

interface Started {
  running(): Promise<RunningFile>
  readonly ended: Promise<number | null>
  output(): string
  stop(): Promise<void>
}

async function start(): Promise<Started> {
  const { NODE_ENV: _, VITEST: __, ...environment } = process.env
  const npm = spawn('npm', ['start', '--', '--port-base', String(PORT_BASE)], {
    cwd: checkout,
    env: { ...environment, PATH: pathWithoutBinaries() },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: string[] = []
  npm.stdout.on('data', (chunk) => said.push(String(chunk)))
  npm.stderr.on('data', (chunk) => said.push(String(chunk)))
  const ended = new Promise<number | null>((resolve) => npm.once('close', resolve))
  let over = false
  void ended.then(() => {
    over = true
  })
  return {
    ended,
    output: () => said.join(''),
    async running() {
      const deadline = Date.now() + START_MS_MAX
      while (Date.now() < deadline && !over) {
        // Printed last, after the running file was written.
        if (said.join('').includes('Floodgate is running.'))
          return JSON.parse(await readFile(join(checkout, '.data/running.json'), 'utf8')) as RunningFile
        await delay(50)
      }
      throw new Error(`npm start did not come up:\n${said.join('')}`)
    },
    async stop() {
      const stoppedAt = Date.now()
      npm.kill('SIGTERM')
      await ended
      expect(Date.now() - stoppedAt).toBeLessThan(STOP_MS_MAX)
      expect(await readdir(join(checkout, '.data'))).not.toContain('running.json')
    },
  }
}

async function identitiesOf(running: RunningFile): Promise<(ProcessIdentity & { readonly name: string })[]> {
  const identities = await Promise.all(
    Object.entries(running.pids).flatMap(([name, pids]) =>
      [pids].flat().map(async (pid) => ({ name, identity: await processIdentity(pid) })),
    ),
  )
  return identities.flatMap(({ name, identity }) => (identity === undefined ? [] : [{ name, ...identity }]))
}

/**
 * Returns the PATH of a new user's shell, with the machine's own node and npm: without the repository's Node in front.
 */
const pathWithoutBinaries = (): string =>
  (process.env.PATH ?? '')
    .split(':')
    .filter((folder) => !folder.includes('node_modules'))
    .join(':')

async function mode(path: string): Promise<string> {
  return (await run('stat', ['-c', '%a', path])).stdout.trim()
}

/** Deleted in the working tree, but still tracked by git. */
function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
