import { type AptInstallOptions, findProgram, run } from '../apt.ts'
import { MissingServer } from '../errors.ts'
import { isAtLeast, type Version } from '../go/go.ts'
import { buildGoProgram, builtPath, type GoProgram } from '../go/program.ts'

/** Helm 4 reads the same charts; older releases of 3 were not tried. */
const HELM_OLDEST: Version = [3, 17]
const VERSION_MS_MAX = 20_000
const REMEDY = `Put a helm of yours (${HELM_OLDEST.join('.')} or newer) on PATH. Only the tests of the Helm chart need it.`
const PROGRAM: GoProgram = {
  name: 'helm',
  source: 'helm.sh/helm/v3/cmd/helm',
  version: 'v3.22.0',
  goNeeded: [1, 26],
  toolchain: '1.26.8',
  remedy: REMEDY,
}

/** Returns the path of a helm that runs here: one on PATH, or the one built before. */
export async function findHelm(): Promise<string | undefined> {
  const onPath = await findProgram('helm')
  return (onPath === undefined ? undefined : await usable(onPath)) ?? usable(builtPath(PROGRAM))
}

/** Returns the path of helm, or throws MissingServer. */
export async function requireHelm(): Promise<string> {
  const path = await findHelm()
  if (path === undefined) throw new MissingServer(`helm is not installed. Run: npm test -- chart\n${REMEDY}`)
  return path
}

/** Builds helm from its source once, into the repository's cache. Throws MissingServer where that is impossible. */
export async function installHelm(options: Pick<AptInstallOptions, 'onProgress' | 'signal'> = {}): Promise<void> {
  const isBuilt = async (): Promise<boolean> => (await usable(builtPath(PROGRAM))) !== undefined
  await buildGoProgram(PROGRAM, { ...options, isBuilt })
}

/**
 * Returns the version in the output of `helm version`, `[0, 0]` when there is none. Pure.
 */
export function helmVersion(said: string): Version {
  const [, major = 0, minor = 0] = /Version:"v(\d+)\.(\d+)/.exec(said) ?? []
  return [Number(major), Number(minor)]
}

async function usable(path: string): Promise<string | undefined> {
  const said = await run([path, 'version'], VERSION_MS_MAX).catch(() => '')
  return isAtLeast(helmVersion(said), HELM_OLDEST) ? path : undefined
}
