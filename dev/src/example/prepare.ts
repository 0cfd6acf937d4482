import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { nodeBinary, repository } from '../system/node-process.ts'
import type { ExampleName } from './names.ts'
import { packAdmission } from './pack-admission.ts'
import { runTool } from './run-tool.ts'

const CACHE = join(repository, '.cache/examples')
/** What is not copied, and stays from one run to the next. */
const KEPT = new Set(['node_modules', 'package.json', 'package-lock.json', '.next'])
const INSTALL = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
const ADMISSION = '@floodgate/admission'

const manifest = z.looseObject({
  scripts: z.looseObject({ start: z.string(), build: z.string().optional() }),
  dependencies: z.record(z.string(), z.string()),
})

/** A shop that can be started: a copy of its folder with its dependencies installed. */
export interface PreparedExample {
  readonly name: ExampleName
  readonly directory: string
  /** The file that `npm start` runs, and its arguments. */
  readonly args: readonly string[]
}

/**
 * Copies shops into the repository's cache, installs their dependencies there with the package as it is published from
 * this tree, and builds those that need it. Installs again only what has changed.
 */
export async function prepareExamples(
  names: readonly ExampleName[],
  options: { readonly signal?: AbortSignal; onProgress(line: string): void },
): Promise<readonly PreparedExample[]> {
  options.onProgress(`packing ${ADMISSION}`)
  const tarball = await packAdmission(CACHE, options.signal)
  const prepared: PreparedExample[] = []
  for (const name of names) prepared.push(await prepare(name, { ...options, tarball }))
  return prepared
}

async function prepare(
  name: ExampleName,
  options: { readonly tarball: string; readonly signal?: AbortSignal; onProgress(line: string): void },
): Promise<PreparedExample> {
  const { tarball, signal, onProgress } = options
  const [source, directory] = [join(repository, 'examples', name), join(CACHE, name)]
  await mkdir(directory, { recursive: true })
  await copySources(source, directory)
  const own = manifest.parse(JSON.parse(await readFile(join(source, 'package.json'), 'utf8')))
  const dependencies = { ...own.dependencies, [ADMISSION]: `file:../${tarball}` }
  const wanted = `${JSON.stringify({ ...own, dependencies }, undefined, 2)}\n`
  const stamp = join(directory, 'node_modules', '.floodgate-installed')
  if ((await readFile(stamp, 'utf8').catch(() => '')) !== wanted) {
    onProgress(`installing the dependencies of ${name} (npm, once) into ${directory}`)
    await writeFile(join(directory, 'package.json'), wanted)
    await runTool('npm', INSTALL, { cwd: directory, signal })
    await writeFile(stamp, wanted)
  }
  if (own.scripts.build !== undefined) {
    onProgress(`building ${name}`)
    await runTool(nodeBinary, programOf(own.scripts.build), { cwd: directory, signal })
  }
  return { name, directory, args: programOf(own.scripts.start) }
}

async function copySources(from: string, to: string): Promise<void> {
  for (const old of await readdir(to)) if (!KEPT.has(old)) await rm(join(to, old), { recursive: true })
  for (const each of await readdir(from))
    if (!KEPT.has(each)) await cp(join(from, each), join(to, each), { recursive: true })
}

/** Reads a script of a manifest, so that Node runs its program without a shell or npm between. */
function programOf(script: string): readonly string[] {
  const [program = '', ...args] = script.split(' ')
  return program === 'node' ? args : [join('node_modules/.bin', program), ...args]
}
