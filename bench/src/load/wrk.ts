import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Load {
  readonly url: string
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly seconds: number
  readonly connections: number
}

export interface Throughput {
  readonly requestsPerSecond: number
  /** Answers that were no success; a run with any doesn't count. */
  readonly failures: number
}

/** The numbers in what `wrk` prints. Pure; throws when there is no rate in it. */
export const parseWrk = (output: string): Throughput => {
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]
  if (rate === undefined) throw new Error(`wrk printed no rate:\n${output}`)
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0)
  const [, ...errors] = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output) ?? []
  const broken = errors.reduce((sum, count) => sum + Number(count), 0)
  return { requestsPerSecond: Number(rate), failures: refused + broken }
}

/** Drives one address in a closed loop from one thread, which saturates later than a server of one process. */
export const drive = async (load: Load, directory: string): Promise<Throughput> => {
  const script = join(directory, 'request.lua')
  await writeFile(script, `wrk.method = "${load.method ?? 'GET'}"\n`)
  const headers = Object.entries(load.headers ?? {}).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const { stdout } = await run('wrk', [
    '-t1',
    `-c${load.connections}`,
    `-d${load.seconds}s`,
    '-s',
    script,
    ...headers,
    load.url,
  ])
  return parseWrk(stdout)
}
