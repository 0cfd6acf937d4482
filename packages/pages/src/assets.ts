import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { extname, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LANGUAGES, type Languages } from '@floodgate/texts'

export interface Asset {
  readonly type: string
  readonly body: string
}

export interface Assets {
  /** Hash of all contents: changed content has a new address, so that browsers may cache it for ever. */
  readonly version: string
  /** Such as `buyer/main.ts`. */
  readonly names: readonly string[]
  read(name: string): Asset | undefined
}

const types: Readonly<Record<string, string>> = {
  '.ts': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/**
 * The package files that the browser's files import, and the names they are served under. They import only their
 * neighbours.
 */
const PACKAGE_FILES = [
  { specifier: '@floodgate/contracts/email', name: 'contracts/email.ts' },
  { specifier: '@floodgate/contracts/ledger-findings', name: 'contracts/ledger-findings.ts' },
  { specifier: '@floodgate/contracts/money', name: 'contracts/money.ts' },
  { specifier: '@floodgate/contracts/order-number', name: 'contracts/order-number.ts' },
  { specifier: '@floodgate/texts/formats', name: 'texts/formats.ts' },
] as const

/** Returns a module as browsers load it: without types, and with addresses in place of package names. */
function browserModule(name: string, source: string): string {
  let script = stripTypeScriptTypes(source, { mode: 'strip' })
  for (const file of PACKAGE_FILES)
    script = script.replaceAll(`'${file.specifier}'`, `'${posix.relative(posix.dirname(name), file.name)}'`)
  return script
}

const isServed = (name: string): boolean => extname(name) in types && !name.endsWith('.test.ts')

/** Returns the languages' files by tag: a browser loads the one of its page. */
const languageFiles = ({ files }: Languages) =>
  [...files].map(([tag, file]) => [`texts/languages/${tag}.ts`, readFileSync(file, 'utf8')] as const)

/**
 * Serves the browser's files directly from their sources: types are stripped at the first request of a script and the
 * result is cached, so that nothing must be built. Only files that existed at the start have an address.
 */
export function openAssets(languages: Languages = LANGUAGES): Assets {
  const directory = new URL('./browser/', import.meta.url)
  const root = fileURLToPath(directory)
  const own = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(isServed).sort()
  const sources = new Map([
    ...own.map((name) => [name, readFileSync(new URL(name, directory), 'utf8')] as const),
    ...PACKAGE_FILES.map(
      ({ specifier, name }) => [name, readFileSync(new URL(import.meta.resolve(specifier)), 'utf8')] as const,
    ),
    ...languageFiles(languages),
  ])
  const names = [...sources.keys()]
  const hash = createHash('sha256')
  for (const [name, source] of sources) hash.update(`${name}\0${source}\0`)
  const ready = new Map<string, Asset>()

  return {
    version: hash.digest('base64url').slice(0, 12),
    names,
    read: (name) => {
      const known = ready.get(name)
      const source = sources.get(name)
      const type = types[extname(name)]
      if (known !== undefined || source === undefined || type === undefined) return known
      const asset = { type, body: name.endsWith('.ts') ? browserModule(name, source) : source }
      ready.set(name, asset)
      return asset
    },
  }
}
