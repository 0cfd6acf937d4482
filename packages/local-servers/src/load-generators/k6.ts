import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type AptInstallOptions, findProgram, run } from '../apt.ts'
import { MissingServer } from '../errors.ts'

const K6_VERSION = 'v1.8.1'
const REPOSITORY = resolve(import.meta.dirname, '../../../..')
const CACHE = join(REPOSITORY, '.cache', `k6-${K6_VERSION}`)
const BINARY = join(CACHE, 'k6')
const BUILD_MS_MAX = 10 * 60_000
const WAY_OUT = 'Or put a k6 of yours on PATH, or name it in K6 (the image grafana/k6 holds one).'

/** The path of a k6: the one that `K6` names, one on PATH, or the one built before. */
export async function findK6(): Promise<string | undefined> {
  const named = process.env.K6
  if (named !== undefined && named !== '') return named
  const onPath = await findProgram('k6')
  if (onPath !== undefined) return onPath
  return access(BINARY).then(
    () => BINARY,
    () => undefined,
  )
}

/** Builds k6 from its source once, into the repository's cache (70 MB, about a minute); throws MissingServer without Go. */
export async function installK6(options: Pick<AptInstallOptions, 'onProgress' | 'signal'> = {}): Promise<void> {
  const go = (await findProgram('go')) ?? (await findProgram('/usr/local/go/bin/go'))
  if (go === undefined) throw new MissingServer(`k6: there is no Go to build it with. ${WAY_OUT}`)
  options.onProgress?.(`building k6 ${K6_VERSION} (about a minute, once)`)
  await run(['env', `GOBIN=${CACHE}`, go, 'install', `go.k6.io/k6@${K6_VERSION}`], BUILD_MS_MAX, options.signal)
}
