import { randomBytes } from 'node:crypto'
import { chmod, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { StepFailure } from './failure.ts'

const secretsFile = z.strictObject({
  adminToken: z.string().min(32),
  /** 32 bytes, base64url: seals e-mail addresses between the order core and the notifier. */
  emailKey: z.string().length(43),
  /** 32 bytes, base64url: seals payment methods between the order core and the payment worker. */
  paymentKey: z.string().length(43),
  postgresPassword: z.string().min(32),
})
export type Secrets = z.infer<typeof secretsFile>
const knownSecrets = secretsFile.partial({ paymentKey: true })
type KnownSecrets = z.infer<typeof knownSecrets>

/**
 * Returns the secrets of a data directory, created at its first use and never again: the database's password is one of
 * them.
 */
export async function ensureSecrets(dataDir: string): Promise<Secrets> {
  const path = join(dataDir, 'secrets.json')
  const known = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (known !== undefined) {
    await chmod(path, 0o600)
    return await completeSecrets(parseSecrets(known, path), path)
  }
  const [adminToken, emailKey, paymentKey, postgresPassword] = [secret(), secret(), secret(), secret()]
  return await writeSecrets({ adminToken, emailKey, paymentKey, postgresPassword }, path)
}

const secret = (): string => randomBytes(32).toString('base64url')

/** Adds keys that an older data directory lacks; nothing stored depends on them. */
async function completeSecrets(known: KnownSecrets, path: string): Promise<Secrets> {
  const { paymentKey } = known
  return paymentKey === undefined
    ? await writeSecrets({ ...known, paymentKey: secret() }, path)
    : { ...known, paymentKey }
}

async function writeSecrets(secrets: Secrets, path: string): Promise<Secrets> {
  // Written by rename, so that the file is complete or missing: half a file would lock us out of the database.
  await writeFile(`${path}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
  return secrets
}

function parseSecrets(text: string, path: string): KnownSecrets {
  const unreadable = (cause: unknown): never => {
    throw new StepFailure({
      what: 'The secrets cannot be read',
      where: path,
      why: 'The file was changed by hand. The database was created with the password in it.',
      command: 'npm start -- --reset',
      cause,
    })
  }
  try {
    return knownSecrets.parse(JSON.parse(text))
  } catch (cause) {
    return unreadable(cause)
  }
}
