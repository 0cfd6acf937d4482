import { randomBytes } from 'node:crypto'
import type { KeyRing } from '@floodgate/runtime'
import { CompactEncrypt, compactDecrypt } from 'jose'
import type { Pool } from 'pg'

const KEY_BYTES = 32

interface Sealed {
  readonly kid: string
  readonly sealed: string
}

/**
 * Returns the keys that recognize addresses, oldest first: one, unless `EMAIL_KEY` was once replaced as a whole. It is kept
 * in Postgres, sealed with each key of the ring, so that it outlives every change of the ring that keeps one of its
 * keys. The first process makes it.
 */
export async function readAddressKeys(pool: Pool, ring: KeyRing): Promise<readonly Uint8Array[]> {
  const kids = ring.map(({ kid }) => kid)
  const known = await readSealed(pool, kids)
  const [oldest = randomBytes(KEY_BYTES)] = await openAll(known, ring)
  const missing = ring.filter(({ kid }) => known.every((row) => row.kid !== kid))
  if (missing.length === 0) return openAll(known, ring)
  await keepSealed(pool, await Promise.all(missing.map((key) => seal(oldest, key))))
  // Another process may have been faster: its key counts.
  return openAll(await readSealed(pool, kids), ring)
}

async function readSealed(pool: Pool, kids: readonly string[]): Promise<readonly Sealed[]> {
  const { rows } = await pool.query<Sealed>(
    'select kid, sealed from notices.address_keys where kid = any ($1::text[]) order by created_at, kid',
    [kids],
  )
  return rows
}

async function keepSealed(pool: Pool, rows: readonly Sealed[]): Promise<void> {
  await pool.query(
    `insert into notices.address_keys (kid, sealed) select * from unnest($1::text[], $2::text[]) as key (kid, sealed)
     order by kid on conflict do nothing`,
    [rows.map(({ kid }) => kid), rows.map(({ sealed }) => sealed)],
  )
}

async function seal(key: Uint8Array, { kid, bytes }: KeyRing[number]): Promise<Sealed> {
  const encrypted = new CompactEncrypt(key).setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid })
  return { kid, sealed: await encrypted.encrypt(bytes) }
}

/** Opens sealed keys, each once. */
async function openAll(rows: readonly Sealed[], ring: KeyRing): Promise<readonly Uint8Array[]> {
  const opened = new Map<string, Uint8Array>()
  for (const { kid, sealed } of rows) {
    const key = ring.find((each) => each.kid === kid)
    if (key === undefined) continue
    const { plaintext } = await compactDecrypt(sealed, key.bytes)
    opened.set(Buffer.from(plaintext).toString('hex'), plaintext)
  }
  return [...opened.values()]
}
