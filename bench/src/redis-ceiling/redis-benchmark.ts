import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
/** `__rand_int__` is replaced by as many different numbers: nearly no two calls are the same buyer's. */
const RANDOM_NUMBERS = 1_000_000_000
const CONNECTIONS = 32

/** Written in a command's words for a number that is another one in every call. */
export const ANY_NUMBER = '__rand_int__'

/** Sends one command over and over with Redis' own load generator, which comes with the server; answers calls per second. */
export async function redisBenchmark(
  redisUrl: string,
  options: { readonly command: readonly string[]; readonly calls: number; readonly pipeline: number },
): Promise<number> {
  const { hostname, port } = new URL(redisUrl)
  const { command, calls, pipeline } = options
  const settings = { h: hostname, p: port, n: calls, c: CONNECTIONS, P: pipeline, r: RANDOM_NUMBERS }
  const flags = Object.entries(settings).flatMap(([name, value]) => [`-${name}`, String(value)])
  const { stdout } = await run('redis-benchmark', [...flags, '--csv', ...command])
  return parseBenchmark(stdout)
}

/** The rate in what `redis-benchmark --csv` prints: test, rate, and six latencies. Pure; throws when there is none. */
export function parseBenchmark(output: string): number {
  const rate = /"([\d.]+)"(?:,"[\d.]+"){6}\s*$/.exec(output)?.[1]
  if (rate === undefined) throw new Error(`redis-benchmark printed no rate:\n${output}`)
  return Number(rate)
}
