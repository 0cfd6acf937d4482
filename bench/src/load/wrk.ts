import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const SECOND = 1_000

export interface Load {
  readonly url: string
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  /** Bearer tokens, sent in turn, one per request, since a crowd is many buyers. */
  readonly tokens?: readonly string[]
  readonly seconds: number
  readonly connections: number
}

export interface Throughput {
  readonly requestsPerSecond: number
  /** Unsuccessful responses; any of them voids a run. */
  readonly failures: number
  /** Responses that were read completely. */
  readonly requests: number
}

export interface Driven extends Throughput {
  /** The generator's own CPU time as a share of one core: at 1 its one thread is saturated, and measures itself. */
  readonly generatorShare: number
}

/** Parses the output of `wrk`. Pure; throws when there is no rate in it. */
export function parseWrk(output: string): Throughput {
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]
  if (rate === undefined) throw new Error(`wrk printed no rate:\n${output}`)
  const rejected = Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0)
  const [, ...errors] = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output) ?? []
  const broken = errors.reduce((sum, count) => sum + Number(count), 0)
  const requests = Number(/(\d+) requests in /.exec(output)?.[1] ?? 0)
  return { requestsPerSecond: Number(rate), failures: rejected + broken, requests }
}

/**
 * Parses the CPU milliseconds of a shell's children, from the second line of its `times`: `0m1.230s 0m0.450s`. Pure.
 */
export function parseTimes(output: string): number {
  const times = [...output.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
  )
  const [, , user, system] = times
  if (user === undefined || system === undefined) throw new Error(`The shell printed no times:\n${output}`)
  return (user + system) * SECOND
}

/**
 * Returns the script that `wrk` reads its requests from; without tokens one request is built once, and Lua never called
 * again. Pure.
 */
export function wrkScript({ method = 'GET', tokens = [] }: Pick<Load, 'method' | 'tokens'>): string {
  const head = `wrk.method = "${method}"\n`
  if (tokens.length === 0) return head
  return `${head}local tokens = { ${tokens.map((token) => JSON.stringify(token)).join(', ')} }
local requests, turn = {}, 0
function init(args)
  for index, token in ipairs(tokens) do
    wrk.headers["Authorization"] = "Bearer " .. token
    requests[index] = wrk.format()
  end
end
function request()
  turn = turn % #requests + 1
  return requests[turn]
end
`
}

/** Sends requests to one address in a closed loop from one thread, which saturates later than a server of one process. */
export async function drive(load: Load, directory: string): Promise<Driven> {
  // A separate file, since two runs may overlap.
  const script = join(directory, `${randomUUID()}.lua`)
  await writeFile(script, wrkScript(load))
  const headers = Object.entries(load.headers ?? {}).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const wrk = ['wrk', '-t1', `-c${load.connections}`, `-d${load.seconds}s`, '-s', script, ...headers, load.url]
  const startedAt = performance.now()
  try {
    const { stdout } = await run('sh', ['-c', '"$@"; status=$?; times; exit $status', 'sh', ...wrk])
    const driven = parseWrk(stdout)
    const cpuMs = parseTimes(stdout.slice(stdout.indexOf('Requests/sec')))
    return { ...driven, generatorShare: cpuMs / (performance.now() - startedAt) }
  } finally {
    await rm(script, { force: true })
  }
}
