// The `secrets` service of docker-compose.yml: creates missing secrets, once, in a volume. With `--show` it also prints
// them, since the image has no shell.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { appendFile, chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createKeyFile } from '../apps/waiting-room/src/tokens/create-key-file.ts'

const [directory, option] = process.argv.slice(2)
if (directory === undefined || (option !== undefined && option !== '--show')) {
  process.stderr.write('usage: create-secrets.ts DIRECTORY [--show]\n')
  process.exit(64)
}

const secret = (): string => randomBytes(32).toString('base64url')

/** Writes a file atomically, once. Keeps an existing file, because the database was created with its password. */
const writeOnce = async (name: string, text: () => string): Promise<void> => {
  const path = join(directory, name)
  if (existsSync(path)) return
  await writeFile(`${path}.part`, text(), { mode: 0o640 })
  await rename(`${path}.part`, path)
  process.stdout.write(`made ${path}\n`)
}

/** Adds a secret that a file of an older version lacks. */
const addMissing = async (name: string, variable: string): Promise<void> => {
  const path = join(directory, name)
  if ((await readFile(path, 'utf8')).includes(`${variable}=`)) return
  await appendFile(path, `${variable}=${secret()}\n`)
  process.stdout.write(`added ${variable} to ${path}\n`)
}

await mkdir(directory, { recursive: true })
await writeOnce('postgres-password', secret)
// A run that was killed may have created one file and not the other.
const password = await readFile(join(directory, 'postgres-password'), 'utf8')
await writeOnce('secrets.env', () =>
  [
    `DATABASE_URL=postgresql://floodgate:${password}@postgres:5432/floodgate`,
    `ADMIN_TOKEN=${secret()}`,
    `EMAIL_KEY=${secret()}`,
    `PAYMENT_KEY=${secret()}`,
    '',
  ].join('\n'),
)
await addMissing('secrets.env', 'PAYMENT_KEY')
await createKeyFile(join(directory, 'keys.json'))
await chmod(join(directory, 'postgres-password'), 0o644)
if (option === '--show') process.stdout.write(await readFile(join(directory, 'secrets.env'), 'utf8'))
