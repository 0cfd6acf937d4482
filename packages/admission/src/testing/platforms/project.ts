import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const packageDirectory = fileURLToPath(new URL('../../..', import.meta.url))
const compiler = fileURLToPath(new URL('../../../../../node_modules/typescript/bin/tsc', import.meta.url))
/** pnpm packs, since npm applies neither `publishConfig.exports` nor the catalogue's versions. */
const PNPM = 'pnpm@12.21.0'
const NPM_INSTALL = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts']

export interface Project {
  readonly path: string
  readonly tarball: string
  remove(): Promise<void>
}

/** Builds and packs the package, and installs it with `dependencies` into an empty project below a directory. */
export async function createProject(parent: string, dependencies: readonly string[] = []): Promise<Project> {
  const path = await mkdtemp(join(parent, 'project-'))
  const tarball = join(path, 'floodgate-admission.tgz')
  await run(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: packageDirectory })
  await run('npx', ['--yes', PNPM, 'pack', '--out', tarball], { cwd: packageDirectory })
  await writeFile(join(path, 'package.json'), JSON.stringify({ name: 'shop', private: true, type: 'module' }))
  await run('npm', [...NPM_INSTALL, tarball, ...dependencies], { cwd: path })
  return { path, tarball, remove: () => rm(path, { recursive: true, force: true }) }
}
