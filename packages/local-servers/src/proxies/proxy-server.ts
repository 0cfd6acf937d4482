import { connect } from 'node:net'
import { type LocalServer, ownServer, untilReady } from '../server.ts'
import { spawnServer } from '../spawn-server.ts'
import { type ProxyProgram, proxyPrograms } from './install.ts'

/** A local reverse proxy. */
export type ProxyServer = LocalServer

export interface ProxyLaunch {
  readonly program: ProxyProgram
  readonly args: readonly string[]
  /** Its working directory, with its configuration. */
  readonly directory: string
  /** A port on which it listens once it is ready. */
  readonly port: number
}

const READY_MS_MAX = 20_000
const PROBE_MS = 20

/** Starts it and returns once it accepts connections. Throws MissingServer or ServerFailed. */
export async function startProxy({ program, args, directory, port }: ProxyLaunch): Promise<ProxyServer> {
  const { path, environment } = await proxyPrograms.require(program)
  return await ownServer({
    url: `https://localhost:${port}`,
    port,
    dataDir: directory,
    stopSignals: ['SIGTERM'],
    async launch() {
      const process = await spawnServer({
        command: path,
        args,
        cwd: directory,
        env: environment,
        signalWhenOrphaned: 'TERM',
      })
      const probe = () => takesConnections(port)
      await untilReady({
        name: `${program} on port ${port}`,
        process,
        probe,
        withinMs: READY_MS_MAX,
        intervalMs: PROBE_MS,
      })
      return process
    },
  })
}

function takesConnections(port: number): Promise<void> {
  const opened = Promise.withResolvers<void>()
  const socket = connect({ host: '127.0.0.1', port })
  socket.once('error', opened.reject)
  socket.once('connect', () => {
    socket.destroy()
    opened.resolve()
  })
  return opened.promise
}
