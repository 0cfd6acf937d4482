import { readFile } from 'node:fs/promises'
import { UsageError } from '../usage-error.ts'

/** Reads the admin token from the named file, otherwise from `ADMIN_TOKEN`. Never prints it. */
export async function readAdminToken(file: string, env: Readonly<Record<string, string | undefined>>): Promise<string> {
  if (file === '') {
    const token = env.ADMIN_TOKEN?.trim() ?? ''
    if (token !== '') return token
    throw new UsageError('usage', "The operator's token is missing: set ADMIN_TOKEN or name --admin-token-file.")
  }
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError('usage', `--admin-token-file ${file} cannot be read: ${error.code ?? error.message}.`)
  })
  const token = text.trim()
  if (token === '') throw new UsageError('usage', `--admin-token-file ${file} is empty.`)
  return token
}
