import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { assertPortFree } from '@floodgate/processes'
import { type AptInstallOptions, findProgram, run } from '../apt.ts'
import { MissingServer } from '../errors.ts'
import { buildGoProgram, builtPath, type GoProgram } from '../go/program.ts'
import { type LocalServer, ownServer, type StartServerOptions, untilReady } from '../server.ts'
import { spawnServer } from '../spawn-server.ts'

const REMEDY = 'Put a stripe-mock of yours on PATH. Only the check of requests to Stripe needs it.'
const PROGRAM: GoProgram = {
  name: 'stripe-mock',
  source: 'github.com/stripe/stripe-mock',
  version: 'v0.203.0',
  goNeeded: [1, 22],
  toolchain: '1.25.12',
  remedy: REMEDY,
}
const VERSION_MS_MAX = 20_000
const READY_MS_MAX = 60_000
const PROBE_MS = 20
const PROBE_MS_MAX = 2_000

/** Returns the path of a stripe-mock that runs here: one on PATH, or the one built before. */
export async function findStripeMock(): Promise<string | undefined> {
  for (const path of [await findProgram('stripe-mock'), builtPath(PROGRAM)]) {
    const said = path === undefined ? '' : await run([path, '-version'], VERSION_MS_MAX).catch(() => '')
    if (said !== '') return path
  }
  return undefined
}

/** Builds stripe-mock from its source once, into the repository's cache. Throws MissingServer where that is impossible. */
export async function installStripeMock(options: Pick<AptInstallOptions, 'onProgress' | 'signal'> = {}): Promise<void> {
  await buildGoProgram(PROGRAM, { ...options, isBuilt: async () => (await findStripeMock()) !== undefined })
}

/**
 * Starts Stripe's own mock, which validates requests against the definition of its API and keeps nothing. Throws
 * MissingServer, PortInUse or ServerFailed.
 */
export async function startStripeMock(options: StartServerOptions): Promise<LocalServer> {
  const { port, signal } = options
  const dataDir = resolve(options.dataDir)
  const command = await findStripeMock()
  if (command === undefined) throw new MissingServer(`stripe-mock is not installed. Run: npm test -- stripe\n${REMEDY}`)
  const url = `http://127.0.0.1:${port}`
  return await ownServer({
    ...{ url, port, dataDir, stopSignals: ['SIGTERM'] },
    async launch() {
      await mkdir(dataDir, { recursive: true })
      await assertPortFree(port, '127.0.0.1')
      const args = ['-http-addr', `127.0.0.1:${port}`]
      const mock = await spawnServer({ command, args, cwd: dataDir, signalWhenOrphaned: 'TERM' })
      await untilReady({
        name: `stripe-mock on port ${port}`,
        process: mock,
        probe: async () => {
          const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_MS_MAX) })
          await response.body?.cancel()
        },
        ...{ withinMs: READY_MS_MAX, intervalMs: PROBE_MS, signal },
      })
      return mock
    },
  })
}
