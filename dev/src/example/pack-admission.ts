import { createHash } from 'node:crypto'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { nodeBinary, repository } from '../system/node-process.ts'
import { runTool } from './run-tool.ts'

const PACKAGE = join(repository, 'packages/admission')
const COMPILER = join(repository, 'node_modules/typescript/bin/tsc')
/** pnpm packs, since npm applies neither `publishConfig` nor the catalogue's versions. */
const PNPM = 'pnpm@12.21.0'

/**
 * Builds and packs `@floodgate/admission` as it is published. Returns the file's name, which changes with its content:
 * npm would not install another file of the same name.
 */
export async function packAdmission(directory: string, signal?: AbortSignal): Promise<string> {
  const packed = join(directory, `admission-${process.pid}.tgz`)
  await mkdir(directory, { recursive: true })
  await runTool(nodeBinary, [COMPILER, '-p', 'tsconfig.build.json'], { cwd: PACKAGE, signal })
  await runTool('npx', ['--yes', PNPM, 'pack', '--out', packed], { cwd: PACKAGE, signal })
  const hash = createHash('sha256')
    .update(await readFile(packed))
    .digest('hex')
  const name = `floodgate-admission-${hash.slice(0, 12)}.tgz`
  await rename(packed, join(directory, name))
  return name
}
