import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

/** Without jose, which shops often have anyway. */
const CORE_GZIPPED_BYTES_MAX = 5 * 1_024
const GZIPPED_BYTES_MAX = 11.5 * 1_024
const source = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** Bundles an entry as for a runtime that is not Node: only the condition `default` holds. */
const bundle = async (
  contents: string,
  { conditions = [], lazy = [] }: { conditions?: string[]; lazy?: string[] } = {},
) => {
  const options = {
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
  } as const
  const { outputFiles, metafile } = await build({
    ...options,
    ...{ stdin: { contents, loader: 'ts', resolveDir: source('.') }, external: ['jose', 'node:*', ...lazy] },
    ...{ target: 'es2022', conditions, logLevel: 'error' },
  })
  const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports)
  const external = new Set(imported.filter((one) => one.external).map(({ path }) => path))
  return { bytes: gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length, external: [...external] }
}

it('what a shop loads at its start has at most 5 KB, gzipped, without jose', async () => {
  const lazy = ['./slow-path.ts', './revocations.ts', './token-errors.ts']
  const { bytes, external } = await bundle("export { createGate } from './index.ts'", { lazy })
  // Each of them is loaded later, and is imported in one way alone.
  expect(external.toSorted()).toEqual(['jose', ...lazy].toSorted())
  expect(bytes).toBeLessThanOrEqual(CORE_GZIPPED_BYTES_MAX)
})

it('all of it in one file has at most 11.5 KB, gzipped, without jose', async () => {
  const { bytes } = await bundle("export * from './index.ts'")
  expect(bytes).toBeLessThanOrEqual(GZIPPED_BYTES_MAX)
})

it.each(['index.ts', ...['express', 'fastify', 'fetch', 'hono', 'next', 'node'].map((name) => `adapters/${name}.ts`)])(
  '%s imports jose and nothing else, so that it runs wherever there is fetch and WebCrypto',
  async (entry) => {
    expect((await bundle(`export * from './${entry}'`)).external).toEqual(['jose'])
  },
)

it('in Node signatures are verified by node:crypto, which is faster', async () => {
  expect((await bundle("export * from './index.ts'", { conditions: ['node'] })).external.toSorted()).toEqual([
    'jose',
    'node:buffer',
    'node:crypto',
  ])
})
