import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const COMMON = { bundle: true, platform: 'neutral', target: 'es2022', logLevel: 'error' } as const

/** Writes a program of this folder into a project, as one file that imports the package installed there. */
export async function writeProgram(name: string, project: string, file = `${name}.js`): Promise<void> {
  const entryPoints = [fileURLToPath(new URL(`${name}.ts`, import.meta.url))]
  const external = ['@floodgate/admission']
  await build({ ...COMMON, entryPoints, external, format: 'esm', outfile: join(project, file) })
}

/** Bundles a file of a project with all its packages, by the conditions of a runtime. Returns the text. */
export async function bundle(file: string, conditions: readonly string[], format: 'esm' | 'iife'): Promise<string> {
  const { outputFiles } = await build({
    ...COMMON,
    ...{ entryPoints: [file], conditions: [...conditions], format, write: false },
  })
  return outputFiles[0]?.text ?? ''
}
