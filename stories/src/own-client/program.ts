import { execFile } from 'node:child_process'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const REPOSITORY = resolve(import.meta.dirname, '../../..')
const PAGE = join(REPOSITORY, 'docs/own-client.md')
/** Only the packages that the page tells its reader to install. */
const MODULES = join(REPOSITORY, 'stories/own-client/node_modules')
const COMPILER = join(MODULES, 'typescript/bin/tsc')
const GENERATOR = join(MODULES, '.bin/openapi-typescript')
const GENERATOR_MS_MAX = 120_000
const PROGRAM_MS_MAX = 300_000
const STRICTEST = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--skipLibCheck', 'false']
const AS_NODE_RUNS_IT = ['--allowImportingTsExtensions', '--noEmit', '--erasableSyntaxOnly', '--verbatimModuleSyntax']

/** The program of the documentation, in its own directory with the types it imports. */
export interface OwnClient {
  /** Fails, with the compiler's message, where the program and the documents disagree. */
  compile(): Promise<void>
  /** Runs it to its end; resolves to its output lines. */
  run(environment: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<readonly string[]>
}

/** Follows the page's instructions, with these addresses instead of those of `npm start`. */
export async function followPage(directory: string, addresses: Readonly<Record<string, string>>): Promise<OwnClient> {
  const page = await readFile(PAGE, 'utf8')
  const commands = [...page.matchAll(/^npx openapi-typescript (\S+)\/openapi\.json --output (\S+)$/gm)]
  const program = /```ts\n([\s\S]+?)```/.exec(page)?.[1]
  if (commands.length !== 2 || program === undefined) throw new Error('The page has other commands, or no program.')
  await symlink(MODULES, join(directory, 'node_modules'))
  await writeFile(join(directory, 'package.json'), JSON.stringify({ type: 'module' }))
  await writeFile(join(directory, 'buy.ts'), program)
  for (const [, address = '', file = ''] of commands) {
    const document = `${addresses[address]}/openapi.json`
    await run(GENERATOR, [document, '--output', file], { cwd: directory, timeout: GENERATOR_MS_MAX })
  }
  return {
    async compile() {
      const options = [
        '--module',
        'nodenext',
        '--target',
        'es2024',
        '--types',
        'node',
        ...STRICTEST,
        ...AS_NODE_RUNS_IT,
      ]
      await run(process.execPath, [COMPILER, 'buy.ts', ...options], { cwd: directory }).catch(
        ({ stdout, message }: { stdout: string; message: string }) => {
          throw new Error(`${message}\n${stdout}`)
        },
      )
    },
    async run(environment, ...args) {
      const env = { ...process.env, ...environment }
      const options = { cwd: directory, env, timeout: PROGRAM_MS_MAX }
      const { stdout } = await run(process.execPath, ['buy.ts', ...args], options)
      return stdout.trim().split('\n')
    },
  }
}
