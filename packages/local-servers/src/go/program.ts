import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isSameProcess, type ProcessIdentity, processIdentity } from '@floodgate/processes'
import { type AptInstallOptions, run } from '../apt.ts'
import { MissingServer } from '../errors.ts'
import { obtainGo, type Version } from './go.ts'

type InstallOptions = Pick<AptInstallOptions, 'onProgress' | 'signal'>

/** A program that is built from a Go module, once, into the repository's cache. */
export interface GoProgram {
  readonly name: string
  /** The package of the program, such as `go.k6.io/k6`. */
  readonly source: string
  readonly version: string
  /** The version of Go that its go.mod requires. */
  readonly goNeeded: Version
  /** The Go release to download when the machine's own is too old, like `1.25.12`. */
  readonly toolchain: string
  /** Its go.mod replaces modules, which `go install` rejects: it is built as a tool of a module of its own. */
  readonly hasReplacements?: boolean
  /** The alternative; appended to the message when it cannot be built. */
  readonly remedy: string
}

const REPOSITORY = resolve(import.meta.dirname, '../../../..')
const SECOND = 1_000
/** At low priority, since tests run meanwhile. */
const BUILD_MS_MAX = 30 * 60 * SECOND
const LOW_PRIORITY = ['nice', '-n', '10']

/** Returns the path at which {@link buildGoProgram} puts the program. */
export function builtPath({ name, version }: GoProgram): string {
  return join(cacheOf({ name, version }), name)
}

/**
 * Builds the program unless it is there: a minute or more. One process builds at a time, others wait for it. Throws
 * MissingServer when Go is not available, or the source cannot be downloaded. `isBuilt` tells whether the program works.
 */
export async function buildGoProgram(
  program: GoProgram,
  { isBuilt, ...options }: InstallOptions & { isBuilt(): Promise<boolean> },
): Promise<void> {
  const builder = join(cacheOf(program), 'builder.json')
  await mkdir(cacheOf(program), { recursive: true })
  while (!(await becomeBuilder(builder))) {
    options.onProgress?.(`waiting for the process that builds ${program.name}`)
    await untilBuilderIsDone(builder, options.signal)
    if (await isBuilt()) return
  }
  try {
    await build(program, options)
  } finally {
    await rm(builder, { force: true })
  }
}

async function build(program: GoProgram, options: InstallOptions): Promise<void> {
  const { onProgress, signal } = options
  const { name, version, remedy } = program
  const go = await obtainGo({ needed: program.goNeeded, toolchain: program.toolchain, remedy, ...options })
  const unfinished = join(cacheOf(program), `unfinished-${process.pid}`)
  await mkdir(unfinished, { recursive: true })
  const startedAt = performance.now()
  const say = (): void => {
    const seconds = Math.round((performance.now() - startedAt) / SECOND)
    onProgress?.(`building ${name} ${version} from its source, once: a minute or two on two cores (${seconds} s)`)
  }
  say()
  const heartbeat = setInterval(say, 10 * SECOND)
  const variables = Object.entries({ ...go.environment, GOBIN: unfinished }).map(([key, value]) => `${key}=${value}`)
  try {
    for (const command of commandsOf(program, unfinished))
      await run([...LOW_PRIORITY, 'env', ...variables, go.command, ...command], BUILD_MS_MAX, signal)
    // Renamed at the end, so that other processes see the complete program or none.
    await rename(join(unfinished, name), builtPath(program))
  } catch (cause) {
    signal?.throwIfAborted()
    const said = cause instanceof Error ? cause.message.trim().split('\n').slice(-3).join('\n') : String(cause)
    throw new MissingServer(`${name} could not be built. ${remedy}\n${said}`, { cause })
  } finally {
    clearInterval(heartbeat)
    await rm(unfinished, { recursive: true, force: true })
  }
}

/** Returns the arguments of `go`, one call after the other, that build the program into a directory. */
function commandsOf(
  { name, source, version, hasReplacements = false }: GoProgram,
  directory: string,
): readonly (readonly string[])[] {
  if (!hasReplacements) return [['install', `${source}@${version}`]]
  return [
    ['-C', directory, 'mod', 'init', 'floodgate.invalid/build'],
    ['-C', directory, 'get', '-tool', `${source}@${version}`],
    ['-C', directory, 'build', '-ldflags', '-s -w', '-o', name, source],
  ]
}

function cacheOf({ name, version }: Pick<GoProgram, 'name' | 'version'>): string {
  return join(REPOSITORY, '.cache', `${name}-${version}`)
}

/** Becomes the builder unless a live process already is. */
async function becomeBuilder(builder: string): Promise<boolean> {
  if (!(await builderLives(builder))) await rm(builder, { force: true })
  const file = await open(builder, 'wx').catch(() => undefined)
  if (file === undefined) return false
  await file.writeFile(JSON.stringify(await processIdentity(process.pid)))
  await file.close()
  return true
}

async function builderLives(builder: string): Promise<boolean> {
  const text = await readFile(builder, 'utf8').catch(() => undefined)
  // Just created and not written yet.
  if (text === '') return true
  return text !== undefined && isSameProcess(JSON.parse(text) as ProcessIdentity)
}

async function untilBuilderIsDone(builder: string, signal: AbortSignal | undefined): Promise<void> {
  while (await builderLives(builder)) await delay(SECOND, undefined, signal === undefined ? {} : { signal })
}
