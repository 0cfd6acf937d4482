import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { CreatedOperatorToken, OperatorToken, OperatorTokenRequest, Role } from '@floodgate/contracts'
import { advisoryLockKey, withTransaction } from '@floodgate/database'
import type { Pool } from 'pg'

/** Tokens that are in force at a time: every process keeps all of them in memory. */
export const TOKENS_MAX = 1_000
const TOKEN_BYTES = 32

interface TokenRow {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly created_at: Date
  readonly created_by: string
  readonly expires_at: Date
  readonly revoked_at: Date | null
}

/** A token in force, as every process knows it. */
export interface KnownToken {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly sha256: string
  readonly expiresAt: Date
}

const COLUMNS = 'id, name, role, created_at, created_by, expires_at, revoked_at'

function tokenOf(row: TokenRow): OperatorToken {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    expiresAt: row.expires_at.toISOString(),
    revokedAt: row.revoked_at?.toISOString() ?? null,
  }
}

/** Creates a token and stores its hash. Resolves to undefined when `TOKENS_MAX` tokens are in force. */
export async function createToken(
  pool: Pool,
  { name, role, days }: OperatorTokenRequest,
  createdBy: string,
): Promise<CreatedOperatorToken | undefined> {
  const token = `fgop_${randomBytes(TOKEN_BYTES).toString('base64url')}`
  // A fast hash suffices: unlike a password, a token of 256 random bits cannot be guessed from it.
  const sha256 = createHash('sha256').update(token).digest('hex')
  const row = await withTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1::bigint)', [advisoryLockKey('operators:tokens')])
    const { rows } = await client.query<TokenRow>(
      `insert into operators.tokens (id, name, role, sha256, created_by, expires_at)
       select $1, $2, $3, $4, $5, now() + make_interval(days => $6::int)
       where (select count(*) from operators.tokens where revoked_at is null and expires_at > now()) < $7::int
       returning ${COLUMNS}`,
      [randomUUID(), name, role, sha256, createdBy, days, TOKENS_MAX],
    )
    return rows[0]
  })
  return row === undefined ? undefined : { ...tokenOf(row), token }
}

/** Revokes a token; the first revocation counts. Resolves to undefined when there is no such token. */
export async function revokeToken(pool: Pool, id: string, revokedBy: string): Promise<OperatorToken | undefined> {
  const { rows } = await pool.query<TokenRow>(
    `update operators.tokens
     set revoked_at = coalesce(revoked_at, now()), revoked_by = coalesce(revoked_by, $2) where id = $1
     returning ${COLUMNS}`,
    [id, revokedBy],
  )
  return rows[0] && tokenOf(rows[0])
}

/** Lists tokens, those in force before expired and revoked ones, each the newest first, at most 1,000: all in force. */
export async function listTokens(pool: Pool): Promise<OperatorToken[]> {
  const { rows } = await pool.query<TokenRow>(
    `select ${COLUMNS} from operators.tokens
     order by (revoked_at is null and expires_at > now()) desc, created_at desc, id limit ${TOKENS_MAX}`,
  )
  return rows.map(tokenOf)
}

/** Reads all tokens in force. */
export async function readKnownTokens(pool: Pool): Promise<KnownToken[]> {
  const { rows } = await pool.query<KnownToken>({
    name: 'known-operator-tokens',
    text: `select id, name, role, sha256, expires_at as "expiresAt" from operators.tokens
      where revoked_at is null and expires_at > now() limit ${TOKENS_MAX}`,
  })
  return rows
}
