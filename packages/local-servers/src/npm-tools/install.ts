import { createHash } from 'node:crypto'
import { access, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type AptInstallOptions, run } from '../apt.ts'
import { MissingServer } from '../errors.ts'

type InstallOptions = Pick<AptInstallOptions, 'onProgress' | 'signal'>

const CACHE = join(resolve(import.meta.dirname, '../../../..'), '.cache')
const INSTALL_MS_MAX = 10 * 60_000
const { platform, arch } = process
const DENO_SUFFIX = platform === 'linux' ? '-glibc' : ''

/** Programs from npm that one part of the tests needs each; nothing else installs them. Versions are exact. */
const SETS = {
  packaging: {
    '@arethetypeswrong/cli': '0.18.5',
    '@size-limit/esbuild': '14.1.0',
    '@size-limit/file': '14.1.0',
    node20: `npm:node-${platform}-${arch}@20.20.2`,
    node22: `npm:node-${platform}-${arch}@22.23.5`,
    publint: '0.3.25',
    'size-limit': '14.1.0',
  },
  platforms: {
    '@edge-runtime/vm': '5.0.0',
    bun: `npm:@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}@1.4.5`,
    deno: `npm:@deno/${platform}-${arch}${DENO_SUFFIX}@2.9.6`,
    miniflare: '4.20260730.0',
    next: '16.4.6',
    react: '19.3.1',
    'react-dom': '19.3.1',
  },
} as const

export type NpmToolSet = keyof typeof SETS

/** Other versions get another directory. */
const nameOf = (set: NpmToolSet): string =>
  `${set}-${createHash('sha256').update(JSON.stringify(SETS[set])).digest('hex').slice(0, 12)}`

/** Tells whether the set is in the repository's cache. */
export async function hasNpmTools(set: NpmToolSet): Promise<boolean> {
  return await access(join(CACHE, nameOf(set))).then(
    () => true,
    () => false,
  )
}

/** Returns the directory whose `node_modules` has the set, or throws MissingServer. */
export async function npmToolsDirectory(set: NpmToolSet): Promise<string> {
  if (await hasNpmTools(set)) return join(CACHE, nameOf(set))
  throw new MissingServer(`The programs of the tests \`${set}\` are not installed. Run: npm test -- package platforms`)
}

/**
 * Installs the set by npm into the repository's cache, without running install scripts. Removes that of other versions.
 * Throws MissingServer where npm fails.
 */
export async function installNpmTools(set: NpmToolSet, { onProgress, signal }: InstallOptions = {}): Promise<void> {
  const directory = join(CACHE, nameOf(set))
  const unfinished = join(CACHE, `unfinished-${set}-${process.pid}`)
  onProgress?.(`installing ${Object.keys(SETS[set]).join(', ')} (npm, once) into ${directory}`)
  try {
    await mkdir(unfinished, { recursive: true })
    const manifest = { name: set, private: true, type: 'module', dependencies: SETS[set] }
    await writeFile(join(unfinished, 'package.json'), JSON.stringify(manifest, null, 2))
    const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel', 'error']
    await run(['npm', 'install', '--prefix', unfinished, ...quietly], INSTALL_MS_MAX, signal)
    for (const name of await readdir(CACHE))
      if (name.startsWith(`${set}-`)) await rm(join(CACHE, name), { recursive: true, force: true })
    await rename(unfinished, directory)
  } catch (cause) {
    signal?.throwIfAborted()
    const said = cause instanceof Error ? cause.message.trim().split('\n').slice(-3).join('\n') : String(cause)
    throw new MissingServer(`npm could not install what the tests of the published package need.\n${said}`, { cause })
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}
