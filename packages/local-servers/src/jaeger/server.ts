import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { assertPortFree } from '@floodgate/processes'
import { type LocalServer, ownServer, type StartServerOptions, untilReady } from '../server.ts'
import { spawnServer } from '../spawn-server.ts'
import { requireJaeger } from './install.ts'

export type JaegerServer = LocalServer & {
  /** Where apps send their traces: OTLP over HTTP. */
  readonly collectorUrl: string
}

export interface StartJaegerOptions extends StartServerOptions {
  /** Port of the collector; `port` is that of the query API. */
  readonly collectorPort: number
}

const READY_MS_MAX = 60_000
const PROBE_MS = 20
const PROBE_MS_MAX = 2_000
const TRACES_MAX = 50_000

/** Its other servers get a port each, on this machine alone, that nobody uses. */
const UNUSED = [
  'collector.otlp.grpc',
  'collector.grpc-server',
  'collector.http-server',
  'query.grpc-server',
  'admin.http',
].map((name) => `--${name}.host-port=127.0.0.1:0`)

/**
 * Starts a Jaeger that keeps traces in memory; they are lost with its process. Throws MissingServer, PortInUse or
 * ServerFailed.
 */
export async function startJaeger(options: StartJaegerOptions): Promise<JaegerServer> {
  const { port, collectorPort, signal } = options
  const dataDir = resolve(options.dataDir)
  const command = await requireJaeger()
  const url = `http://127.0.0.1:${port}`
  const server = await ownServer({
    ...{ url, port, dataDir, stopSignals: ['SIGTERM'] },
    async launch() {
      await mkdir(dataDir, { recursive: true })
      await assertPortFree(port, '127.0.0.1')
      await assertPortFree(collectorPort, '127.0.0.1')
      const jaeger = await spawnServer({
        command,
        args: [
          `--query.http-server.host-port=127.0.0.1:${port}`,
          `--collector.otlp.http.host-port=127.0.0.1:${collectorPort}`,
          `--memory.max-traces=${TRACES_MAX}`,
          '--log-level=warn',
          ...UNUSED,
        ],
        cwd: dataDir,
        signalWhenOrphaned: 'TERM',
      })
      await untilReady({
        name: `Jaeger on port ${port}`,
        process: jaeger,
        probe: () => expectResponse(`${url}/api/services`),
        ...{ withinMs: READY_MS_MAX, intervalMs: PROBE_MS, signal },
      })
      return jaeger
    },
  })
  return Object.assign(server, { collectorUrl: `http://127.0.0.1:${collectorPort}` })
}

async function expectResponse(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_MS_MAX) })
  await response.body?.cancel()
  if (!response.ok) throw new Error(`status ${response.status}`)
}
