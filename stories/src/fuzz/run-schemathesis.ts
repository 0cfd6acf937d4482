import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { schemathesisCommand } from '@floodgate/local-servers'
import { type FuzzSettings, schemathesisSettings } from './settings.ts'

const HOOKS = join(import.meta.dirname, 'hooks.py')

export interface FuzzOptions extends Omit<FuzzSettings, 'hooks'> {
  readonly name: string
  /** Address of the app's OpenAPI document. */
  readonly document: string
  /** Tokens by operation; those of `operator` also serve the rest of `/admin/`. */
  readonly bearers: Readonly<Record<string, readonly string[]>>
  /** A directory for its files. */
  readonly directory: string
}

/** Sends an app what its document allows and what it forbids. Resolves to the findings; undefined: none. */
export async function fuzz(options: FuzzOptions): Promise<string | undefined> {
  const { name, directory, document, bearers, ...settings } = options
  const [python, ...args] = await schemathesisCommand()
  const [configuration, tokens] = [join(directory, `${name}.toml`), join(directory, `${name}.json`)]
  await writeFile(configuration, schemathesisSettings({ ...settings, hooks: HOOKS }))
  await writeFile(tokens, JSON.stringify(bearers))
  const child = spawn(python, [...args, '--config-file', configuration, '--no-color', 'run', document], {
    cwd: directory,
    env: { ...process.env, FUZZ_BEARERS: tokens, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  const [said, code] = await Promise.all([text(child.stdout), ended])
  return code === 0 ? undefined : said
}
