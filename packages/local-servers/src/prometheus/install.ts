import { join, resolve } from 'node:path'
import { type AptInstallOptions, findProgram } from '../apt.ts'
import { MissingServer } from '../errors.ts'
import { unpackPackages } from '../unpack-packages.ts'

const PROGRAMS = ['prometheus', 'promtool'] as const
export type PrometheusProgram = (typeof PROGRAMS)[number]

const CACHE = join(resolve(import.meta.dirname, '../../../..'), '.cache', 'prometheus')
const UNPACKED = join(CACHE, 'root', 'usr', 'bin')
const REMEDY = 'Only the tests of the alerts and dashboards need it.'

async function findPrometheusProgram(name: PrometheusProgram): Promise<string | undefined> {
  return (await findProgram(name)) ?? (await findProgram(name, [UNPACKED]))
}

/** Returns the path of the machine's own program, or of the unpacked one; else throws MissingServer. */
export async function requirePrometheusProgram(name: PrometheusProgram): Promise<string> {
  const path = await findPrometheusProgram(name)
  if (path === undefined) throw new MissingServer(`${name} is not installed. Run: npm test -- alerts\n${REMEDY}`)
  return path
}

export async function hasPrometheus(): Promise<boolean> {
  const found = await Promise.all(PROGRAMS.map(findPrometheusProgram))
  return found.every((path) => path !== undefined)
}

/** Fetches Debian's package into the repository's cache (19 MB): no service starts. Throws MissingServer. */
export async function installPrometheus(options: Pick<AptInstallOptions, 'onProgress' | 'signal'> = {}): Promise<void> {
  // Its other dependencies are files of its pages.
  await unpackPackages({
    ...{ packages: ['prometheus'], withDependencies: false, cache: CACHE, remedy: REMEDY },
    ...options,
  })
}
