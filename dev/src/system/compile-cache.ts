import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type AppName, appNames } from './names.ts'
import { compileCache, nodeBinary, ownNodeEnvironment, repository } from './node-process.ts'
import { workspaceFolders } from './workspace-folders.ts'

const FILL_MS_MAX = 300_000

/**
 * Fills Node's compile cache with every app's modules, unless it matches the sources. Without it the first processes
 * after a change would strip the types themselves, and keep the WebAssembly compiler that does it in memory: 27 MB each
 * (measured 2026-11). Never throws: an app without a cache compiles its own modules.
 */
export async function fillCompileCache(): Promise<void> {
  const stampFile = join(compileCache, 'filled')
  const stamp = fingerprint()
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return
  try {
    await Promise.all(appNames.map(compile))
    await mkdir(compileCache, { recursive: true })
    await writeFile(stampFile, stamp)
  } catch {
    // The app's own start will report its errors better.
  }
}

/**
 * Compiles an app by running it with `--help`: it loads all of its modules and exits, which is when Node writes the
 * cache.
 */
async function compile(app: AppName): Promise<void> {
  const options = { cwd: repository, env: ownNodeEnvironment(), timeout: FILL_MS_MAX }
  await promisify(execFile)(nodeBinary, [`apps/${app}/src/main.ts`, '--help'], options)
}

/** Changes whenever a source file or Node does. */
function fingerprint(): string {
  const hash = createHash('sha256').update(String(statSync(nodeBinary).mtimeMs))
  for (const folder of workspaceFolders(repository).map((path) => join(path, 'src'))) {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
    for (const file of files.sort()) hash.update(`${folder}/${file} ${statSync(join(folder, file)).mtimeMs}\n`)
  }
  return hash.digest('hex')
}
