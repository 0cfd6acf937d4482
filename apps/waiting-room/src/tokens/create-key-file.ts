import { randomBytes } from 'node:crypto'
import { link, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { exportJWK, generateKeyPair, type JWK } from 'jose'

/** `nbf` (seconds): the time from which the key signs. */
type PrivateKey = JWK & { readonly kid: string; readonly nbf: number }

/** Creates a private JWK Set: one Ed25519 key for admissions, one secret for tickets; both valid from `nowMs` on. */
export async function createKeySet(nowMs: number): Promise<{ keys: PrivateKey[] }> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  const nbf = Math.floor(nowMs / 1_000)
  const kid = () => randomBytes(9).toString('base64url')
  return {
    keys: [
      { ...(await exportJWK(privateKey)), use: 'sig', alg: 'EdDSA', kid: kid(), nbf },
      { kty: 'oct', k: randomBytes(32).toString('base64url'), use: 'sig', alg: 'HS256', kid: kid(), nbf },
    ],
  }
}

/**
 * Creates the key file when there is none, completely or not at all, readable by its owner only. Returns whether it
 * did.
 */
export async function createKeyFile(path: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  await writeFile(draft, `${JSON.stringify(await createKeySet(Date.now()), null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  try {
    // Unlike a rename, a link never replaces keys that another process has just created.
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

// `-` prints the keys, for a container that has no folder in common with its caller.
if (import.meta.main) {
  const path = process.argv[2]
  if (path === undefined) {
    process.stderr.write('usage: create-key-file.ts PATH|-\n')
    process.exit(64)
  }
  if (path === '-') process.stdout.write(`${JSON.stringify(await createKeySet(Date.now()), null, 2)}\n`)
  else process.stdout.write((await createKeyFile(path)) ? `created ${path}\n` : `${path} is there\n`)
}
