import { randomBytes } from 'node:crypto'
import { chmod, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { StepFailure } from './failure.ts'

const secretsFile = z.strictObject({
  adminToken: z.string().min(32),
  /** 32 bytes, base64url: seals e-mail addresses between the order core and the notifier. */
  emailKey: z.string().length(43),
  postgresPassword: z.string().min(32),
})
export type Secrets = z.infer<typeof secretsFile>

/** The secrets of a data directory, made at its first use and never again: the database's password is one of them. */
export async function ensureSecrets(dataDir: string): Promise<Secrets> {
  const path = join(dataDir, 'secrets.json')
  const known = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (known !== undefined) {
    await chmod(path, 0o600)
    return parseSecrets(known, path)
  }
  const secret = (): string => randomBytes(32).toString('base64url')
  const secrets: Secrets = { adminToken: secret(), emailKey: secret(), postgresPassword: secret() }
  // Complete or not there at all: half a file would lock us out of the database.
  await writeFile(`${path}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
  return secrets
}

function parseSecrets(text: string, path: string): Secrets {
  const unreadable = (cause: unknown): never => {
    throw new StepFailure({
      what: 'The secrets can not be read',
      where: path,
      why: 'The file was changed by hand. The database was made with the password it held.',
      command: 'npm start -- --reset',
      cause,
    })
  }
  try {
    return secretsFile.parse(JSON.parse(text))
  } catch (cause) {
    return unreadable(cause)
  }
}
