import { type AptInstallOptions, findProgram, run } from '../apt.ts'
import { MissingServer } from '../errors.ts'
import { buildGoProgram, builtPath, type GoProgram } from '../go/program.ts'

const VERSION_MS_MAX = 20_000
const REMEDY = 'Put a jaeger-all-in-one of yours (1.60 or newer) on PATH. Only the test of traces needs it.'
const ON_PATH = 'jaeger-all-in-one'
/** The last release of the all-in-one program: half the time to build, and a quarter of the settings, of its successor. */
const PROGRAM: GoProgram = {
  name: 'all-in-one',
  source: 'github.com/jaegertracing/jaeger/cmd/all-in-one',
  version: 'v1.76.0',
  goNeeded: [1, 25],
  toolchain: '1.25.12',
  remedy: REMEDY,
  hasReplacements: true,
}

/** Returns the path of a Jaeger that runs here: one on PATH, or the one built before. */
export async function findJaeger(): Promise<string | undefined> {
  const onPath = await findProgram(ON_PATH)
  return (onPath === undefined ? undefined : await usable(onPath)) ?? usable(builtPath(PROGRAM))
}

/** Returns the path of Jaeger, or throws MissingServer. */
export async function requireJaeger(): Promise<string> {
  const path = await findJaeger()
  if (path === undefined) throw new MissingServer(`Jaeger is not installed. Run: npm test -- traces\n${REMEDY}`)
  return path
}

/**
 * Builds Jaeger from its source once, into the repository's cache: two to four minutes on two cores. Throws
 * MissingServer where that is impossible.
 */
export async function installJaeger(options: Pick<AptInstallOptions, 'onProgress' | 'signal'> = {}): Promise<void> {
  const isBuilt = async (): Promise<boolean> => (await usable(builtPath(PROGRAM))) !== undefined
  await buildGoProgram(PROGRAM, { ...options, isBuilt })
}

async function usable(path: string): Promise<string | undefined> {
  return run([path, 'version'], VERSION_MS_MAX).then(
    () => path,
    () => undefined,
  )
}
