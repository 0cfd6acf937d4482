import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { type AptInstallOptions, findProgram, run } from '../apt.ts'
import { MissingServer } from '../errors.ts'
import { isAtLeast, type Version } from '../go/go.ts'
import { buildGoProgram, builtPath, type GoProgram } from '../go/program.ts'

/** Older versions lack `k6/websockets`, or have it as an experiment. */
const K6_OLDEST: Version = [1, 6]
const VERSION_MS_MAX = 20_000
const REMEDY = `Put a k6 of yours (${K6_OLDEST.join('.')} or newer) on PATH, or name it in K6; the image grafana/k6 holds one.`
const PROGRAM: GoProgram = {
  name: 'k6',
  source: 'go.k6.io/k6',
  version: 'v1.8.1',
  goNeeded: [1, 25],
  toolchain: '1.25.12',
  remedy: REMEDY,
}

/**
 * Returns the path of a k6 that runs here: the one that `K6` names and no other if it is set, one on PATH, or the one
 * built before.
 */
export async function findK6(): Promise<string | undefined> {
  const named = process.env.K6
  if (named !== undefined && named !== '') return usable(named)
  const onPath = await findProgram('k6')
  return (onPath === undefined ? undefined : await usable(onPath)) ?? usable(builtPath(PROGRAM))
}

/**
 * Builds k6 from its source once, into the repository's cache: 70 MB, a minute or more. Throws MissingServer when Go is
 * not available, or the source cannot be downloaded.
 */
export async function installK6(options: Pick<AptInstallOptions, 'onProgress' | 'signal'> = {}): Promise<void> {
  const { K6: named } = process.env
  if (named !== undefined && named !== '')
    throw new MissingServer(`K6 names ${named}, which is not k6 ${K6_OLDEST.join('.')} or newer. ${REMEDY}`)
  const isBuilt = async (): Promise<boolean> => (await usable(builtPath(PROGRAM))) !== undefined
  await buildGoProgram(PROGRAM, { ...options, isBuilt })
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
