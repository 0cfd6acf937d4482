import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type LocalServer, ownServer, untilReady } from '../server.ts'
import { spawnServer } from '../spawn-server.ts'
import { requirePrometheusProgram } from './install.ts'

const READY_MS_MAX = 60_000
const PROBE_MS = 50

/** A local Prometheus; its `url` is that of its HTTP API. */
export type PrometheusServer = LocalServer

export interface StartPrometheusOptions {
  /** Receives its configuration and its data. */
  readonly directory: string
  /** The text of `prometheus.yml`; paths in it are relative to `directory`. */
  readonly configuration: string
  readonly port: number
}

/** Starts Prometheus and returns once it is ready to scrape. Throws MissingServer or ServerFailed. */
export async function startPrometheus(options: StartPrometheusOptions): Promise<PrometheusServer> {
  const { directory, configuration, port } = options
  const command = await requirePrometheusProgram('prometheus')
  await mkdir(directory, { recursive: true })
  const file = join(directory, 'prometheus.yml')
  await writeFile(file, configuration)
  const url = `http://127.0.0.1:${port}`
  const args = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(directory, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]
  return await ownServer({
    ...{ url, port, dataDir: directory },
    stopSignals: ['SIGTERM'],
    async launch() {
      const process = await spawnServer({ command, args, cwd: directory, signalWhenOrphaned: 'TERM' })
      async function probe(): Promise<void> {
        const response = await fetch(`${url}/-/ready`)
        await response.body?.cancel()
        if (!response.ok) throw new Error(`Prometheus responded with ${response.status}.`)
      }
      const name = `prometheus on port ${port}`
      await untilReady({ name, process, probe, withinMs: READY_MS_MAX, intervalMs: PROBE_MS })
      return process
    },
  })
}
