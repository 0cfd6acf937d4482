import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContainerEngine } from '@floodgate/local-servers'
import { freePorts } from '@floodgate/processes'
import { eventually } from '@floodgate/testkit'
import { z } from 'zod'
import { type ComposeService, parseCompose, startOrder } from '../compose/compose-file.ts'

const HEALTHY_POLL_MS = 500
const PROBE_MS_MAX = 1_000

/** The containers of docker-compose.yml, published on free ports of this machine. */
export interface Stack {
  readonly services: ReadonlyMap<string, ComposeService>
  /** Runs podman-compose on the file. */
  compose(...words: string[]): Promise<string>
  /** Creates all containers and starts each once its conditions of `depends_on` are met, until all are healthy. */
  up(): Promise<void>
  /** Restarts a service's container and waits until it is healthy. */
  restart(service: string): Promise<void>
  /** Stops the containers of services that run on, as Docker does: each before those that it depends on. */
  stop(): Promise<void>
  /** Starts the containers of services that run on, as the engine does after a restart of the machine: in any order. */
  startAgain(): Promise<void>
  /** Restarts an app's container and returns how long its process took until /readyz was 200. */
  startMs(app: string): Promise<number>
  /** Runs a program in a service's container and returns its output. */
  exec(service: string, ...command: string[]): Promise<string>
  /** Returns what podman knows about a service's container. */
  inspect(service: string): Promise<Inspected>
  /** The address on this machine at which the container's port is published. */
  url(service: string): string
}

const inspected = z
  .tuple([
    z.object({
      State: z.object({ StartedAt: z.string(), ExitCode: z.number(), Running: z.boolean() }),
      NetworkSettings: z.object({ Networks: z.record(z.string(), z.object({ IPAddress: z.string() })) }),
    }),
  ])
  .transform(([{ State, NetworkSettings }]) => ({
    startedAtMs: Date.parse(State.StartedAt),
    exitCode: State.ExitCode,
    running: State.Running,
    /** Its address in the network of the containers. */
    address: Object.values(NetworkSettings.Networks)[0]?.IPAddress ?? '',
  }))
export type Inspected = z.infer<typeof inspected>

export interface StackOptions {
  readonly engine: ContainerEngine
  readonly repository: string
  /** Receives the file that publishes the ports. */
  readonly directory: string
}

export async function createStack({ engine, repository, directory }: StackOptions): Promise<Stack> {
  const file = join(repository, 'docker-compose.yml')
  const services = parseCompose(await readFile(file, 'utf8'))
  const { published, text } = await publishOnFreePorts(services)
  const portsFile = join(directory, 'ports.yml')
  await writeFile(portsFile, text)

  // Engines share the names of networks, although each has its own.
  const project = `floodgate-${process.pid}`
  const container = (service: string): string => `${project}_${service}_1`
  const url = (service: string): string => `http://localhost:${published.get(service)}`
  const files = ['--project-name', project, '--file', file, '--file', portsFile]
  function compose(...words: string[]): Promise<string> {
    return engine.compose(...files, ...words)
  }
  function exec(service: string, ...command: string[]): Promise<string> {
    return engine.podman('exec', container(service), ...command)
  }
  async function inspect(service: string): Promise<Inspected> {
    return inspected.parse(JSON.parse(await engine.podman('inspect', container(service))))
  }
  async function untilHealthy(service: string): Promise<void> {
    const [kind, ...words] = services.get(service)?.healthcheck?.test ?? []
    const command = kind === 'CMD-SHELL' ? ['/bin/sh', '-c', ...words] : words
    async function check(): Promise<void> {
      const { running, exitCode } = await inspect(service)
      if (!running) throw new Error(`${service} ended with ${exitCode}:\n${await logs(service)}`)
      await exec(service, ...command).catch(async (cause) => {
        throw new Error(`${service} is not healthy:\n${await logs(service)}`, { cause })
      })
    }
    await eventually(check, { intervalMs: HEALTHY_POLL_MS, timeoutMs: 120_000 })
  }
  async function untilCompleted(service: string): Promise<void> {
    const code = Number(await engine.podman('wait', container(service)))
    if (code !== 0) throw new Error(`${service} ended with ${code}:\n${await logs(service)}`)
  }
  function logs(service: string): Promise<string> {
    return engine.podman('logs', '--tail', '20', container(service))
  }

  async function up(): Promise<void> {
    await compose('up', '--no-start', '--no-build', '--no-deps')
    const met = new Map<string, Promise<void>>()
    async function start(service: string, { depends_on, healthcheck }: ComposeService): Promise<void> {
      await Promise.all(Object.keys(depends_on).map((needed) => met.get(needed)))
      await engine.podman('start', container(service))
      await (healthcheck === undefined ? untilCompleted(service) : untilHealthy(service))
    }
    for (const name of startOrder(services)) {
      const service = services.get(name)
      if (service !== undefined) met.set(name, start(name, service))
    }
    await Promise.all(met.values())
  }
  async function restart(service: string): Promise<void> {
    await engine.podman('restart', container(service))
    await untilHealthy(service)
  }
  const lasting = startOrder(services).filter((name) => services.get(name)?.healthcheck !== undefined)
  async function stop(): Promise<void> {
    for (const service of lasting.toReversed()) await engine.podman('stop', container(service))
  }
  async function startAgain(): Promise<void> {
    await engine.podman('start', ...lasting.toReversed().map(container))
    await Promise.all(lasting.map(untilHealthy))
  }
  async function startMs(app: string): Promise<number> {
    const port = services.get(app)?.environment.OPS_PORT
    await engine.podman('restart', container(app))
    const { startedAtMs, address } = await inspect(app)
    await eventually(() => untilReady(`http://${address}:${port}/readyz`), { intervalMs: 10 })
    return Date.now() - startedAtMs
  }
  return { services, compose, up, restart, stop, startAgain, startMs, exec, inspect, url }
}

async function untilReady(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_MS_MAX) })
  await response.body?.cancel()
  if (!response.ok) throw new Error(`${url} responded with ${response.status}.`)
}

/**
 * Returns a compose file that publishes each service's ports on free ports of this machine, where those of
 * docker-compose.yml may be taken, and the free port of each service.
 */
async function publishOnFreePorts(services: ReadonlyMap<string, ComposeService>) {
  const inner = [...services].flatMap(([name, { ports }]) =>
    ports.map((port) => ({ name, port: port.slice(port.lastIndexOf(':') + 1) })),
  )
  const free = await freePorts(inner.length)
  const published = new Map(inner.map(({ name }, index) => [name, free[index]]))
  const lines = inner.map(
    ({ name, port }) => `  ${name}:\n    ports: !override ['127.0.0.1:${published.get(name)}:${port}']`,
  )
  return { published, text: ['services:', ...lines, ''].join('\n') }
}
