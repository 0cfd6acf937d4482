import { constants } from 'node:fs'
import { access, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isSameProcess, type ProcessIdentity, processIdentity } from '@floodgate/processes'
import { type AptInstallOptions, findProgram, run } from '../apt.ts'
import { MissingServer } from '../errors.ts'
import { isAtLeast, obtainGo, type Version } from './go.ts'

type InstallOptions = Pick<AptInstallOptions, 'onProgress' | 'signal'>

const K6_VERSION = 'v1.8.1'
/** The version that its go.mod requires. */
const GO_NEEDED: Version = [1, 25]
const GO_TOOLCHAIN = '1.25.12'
/** Older versions lack `k6/websockets`, or have it as an experiment. */
const K6_OLDEST: Version = [1, 6]
const REPOSITORY = resolve(import.meta.dirname, '../../../..')
const CACHE = join(REPOSITORY, '.cache', `k6-${K6_VERSION}`)
const BINARY = join(CACHE, 'k6')
const BUILDER = join(CACHE, 'builder.json')
const SECOND = 1_000
const BUILD_MS_MAX = 15 * 60 * SECOND
const VERSION_MS_MAX = 20 * SECOND
const REMEDY = `Put a k6 of yours (${K6_OLDEST.join('.')} or newer) on PATH, or name it in K6; the image grafana/k6 holds one.`

/**
 * Returns the path of a k6 that runs here: the one that `K6` names and no other if it is set, one on PATH, or the one
 * built before.
 */
export async function findK6(): Promise<string | undefined> {
  const named = process.env.K6
  if (named !== undefined && named !== '') return usable(named)
  const onPath = await findProgram('k6')
  return (onPath === undefined ? undefined : await usable(onPath)) ?? usable(BINARY)
}

/**
 * Builds k6 from its source once, into the repository's cache: 70 MB, a minute or more. One process builds at a time,
 * others wait for it. Throws MissingServer when Go is not available, or the source cannot be downloaded.
 */
export async function installK6(options: InstallOptions = {}): Promise<void> {
  const { K6: named } = process.env
  if (named !== undefined && named !== '')
    throw new MissingServer(`K6 names ${named}, which is not k6 ${K6_OLDEST.join('.')} or newer. ${REMEDY}`)
  await mkdir(CACHE, { recursive: true })
  while (!(await becomeBuilder())) {
    options.onProgress?.('waiting for the process that builds k6')
    await untilBuilderIsDone(options.signal)
    if ((await usable(BINARY)) !== undefined) return
  }
  try {
    await buildK6(options)
  } finally {
    await rm(BUILDER, { force: true })
  }
}

/** Returns the version in the output of `k6 version`, `[0, 0]` when there is none. Pure. */
export function k6Version(said: string): Version {
  const [, major = 0, minor = 0] = /^k6(?:\.exe)? v(\d+)\.(\d+)/.exec(said) ?? []
  return [Number(major), Number(minor)]
}

async function usable(path: string): Promise<string | undefined> {
  const runs = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
  if (!runs) return undefined
  const said = await run([path, 'version'], VERSION_MS_MAX).catch(() => '')
  return isAtLeast(k6Version(said), K6_OLDEST) ? path : undefined
}

async function buildK6(options: InstallOptions): Promise<void> {
  const { onProgress, signal } = options
  const go = await obtainGo({ needed: GO_NEEDED, toolchain: GO_TOOLCHAIN, remedy: REMEDY, ...options })
  const unfinished = join(CACHE, `unfinished-${process.pid}`)
  const startedAt = performance.now()
  const say = (): void => {
    const seconds = Math.round((performance.now() - startedAt) / SECOND)
    onProgress?.(`building k6 ${K6_VERSION} from its source, once: a minute or two on two cores (${seconds} s)`)
  }
  say()
  const heartbeat = setInterval(say, 10 * SECOND)
  const variables = Object.entries({ ...go.environment, GOBIN: unfinished }).map(([name, value]) => `${name}=${value}`)
  try {
    await run(['env', ...variables, go.command, 'install', `go.k6.io/k6@${K6_VERSION}`], BUILD_MS_MAX, signal)
    // Renamed at the end, so that other processes see the complete program or none.
    await rename(join(unfinished, 'k6'), BINARY)
  } catch (cause) {
    signal?.throwIfAborted()
    const said = cause instanceof Error ? cause.message.trim().split('\n').slice(-3).join('\n') : String(cause)
    throw new MissingServer(`k6 could not be built. ${REMEDY}\n${said}`, { cause })
  } finally {
    clearInterval(heartbeat)
    await rm(unfinished, { recursive: true, force: true })
  }
}

/** Becomes the builder unless a live process already is. */
async function becomeBuilder(): Promise<boolean> {
  if (!(await builderLives())) await rm(BUILDER, { force: true })
  const file = await open(BUILDER, 'wx').catch(() => undefined)
  if (file === undefined) return false
  await file.writeFile(JSON.stringify(await processIdentity(process.pid)))
  await file.close()
  return true
}

async function builderLives(): Promise<boolean> {
  const text = await readFile(BUILDER, 'utf8').catch(() => undefined)
  // Just created and not written yet.
  if (text === '') return true
  return text !== undefined && isSameProcess(JSON.parse(text) as ProcessIdentity)
}

async function untilBuilderIsDone(signal: AbortSignal | undefined): Promise<void> {
  while (await builderLives()) await delay(SECOND, undefined, signal === undefined ? {} : { signal })
}
