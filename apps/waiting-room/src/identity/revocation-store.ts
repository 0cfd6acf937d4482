import type { IdentityRevocation, IdentityRevocationRequest } from '@floodgate/contracts'
import { buyerOfAccount, nameOfToken } from '@floodgate/contracts/account'
import { advisoryLockKey, withTransaction } from '@floodgate/database'
import type { Pool, PoolClient } from 'pg'

/** The subject of a revocation: an account, or one ID token. */
export type RevokedKind = 'account' | 'token'

/** A change of a revocation, as processes learn it. */
export interface RevocationChange {
  readonly kind: RevokedKind
  /** The buyer that the account is, or the short name of the ID token. */
  readonly name: string
  /** Time to its end, by the clock of Postgres; negative: it has ended. */
  readonly leftMs: number
}

/** Every process keeps all revocations in memory, about 150 bytes each. */
export const REVOCATIONS_MAX = 100_000
/** Ended ones are kept for operators who compare them with their own list. */
const KEPT_AFTER_END = '1 day'

interface Row {
  readonly kind: RevokedKind
  readonly name: string
  readonly issuer: string
  readonly value: string
  readonly until: Date
  readonly change: number
  readonly changedAt: Date
}
const COLUMNS = 'kind, name, issuer, value, until, change, changed_at as "changedAt"'

function resourceOf({ kind, name, issuer, value, until, changedAt }: Row): IdentityRevocation {
  const times = { until: until.toISOString(), changedAt: changedAt.toISOString() }
  if (kind === 'token') return { issuer, jti: value, ...times }
  // An erased buyer has no subject any more.
  return { issuer, ...(value !== '' && { subject: value }), buyer: name, ...times }
}

function revokedOf({ issuer, subject, jti = '' }: IdentityRevocationRequest) {
  if (subject !== undefined)
    return { kind: 'account' as const, value: subject, name: buyerOfAccount({ issuer, subject }) }
  return { kind: 'token' as const, value: jti, name: nameOfToken({ issuer, jti }) }
}

export type Recorded =
  | { readonly kind: 'full' }
  | { readonly kind: 'created' | 'changed' | 'same'; readonly revocation: IdentityRevocation }

/** Records a revocation, or another end of a known one; safe to repeat. */
export async function recordRevocation(pool: Pool, request: IdentityRevocationRequest): Promise<Recorded> {
  const { kind, value, name } = revokedOf(request)
  return await withTransaction(pool, async (client) => {
    // Changes are numbered in the order of their commits: readers continue after the last number that they saw.
    await client.query('select pg_advisory_xact_lock($1::bigint)', [advisoryLockKey('rooms:identity-revocations')])
    const before = await client.query<Row & { isInForce: boolean }>(
      `select ${COLUMNS}, until > now() as "isInForce" from rooms.identity_revocations where name = $1`,
      [name],
    )
    const known = before.rows[0]
    if (known?.until.toISOString() === request.until && known.value === value)
      return { kind: 'same', revocation: resourceOf(known) }
    if (known?.isInForce !== true && (await isFull(client))) return { kind: 'full' }
    const { rows } = await client.query<Row>(
      `insert into rooms.identity_revocations as known (name, kind, issuer, value, until) values ($1, $2, $3, $4, $5)
       on conflict (name) do update set until = excluded.until, value = excluded.value, change = excluded.change,
         changed_at = excluded.changed_at
       returning ${COLUMNS}`,
      [name, kind, request.issuer, value, request.until],
    )
    const [row] = rows
    if (row === undefined) throw new Error('The revocation was not returned.')
    return { kind: known === undefined ? 'created' : 'changed', revocation: resourceOf(row) }
  })
}

async function isFull(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ count: number }>(
    'select count(*) from rooms.identity_revocations where until > now()',
  )
  return (rows[0]?.count ?? 0) >= REVOCATIONS_MAX
}

/** Lists the revocations that have not ended, the last changed first, before the change `before`. */
export async function listRevocations(
  pool: Pool,
  { before, limit }: { readonly before: string | undefined; readonly limit: number },
): Promise<{ readonly revocations: readonly IdentityRevocation[]; readonly next: string | null }> {
  const { rows } = await pool.query<Row>(
    `select ${COLUMNS} from rooms.identity_revocations
     where until > now() and ($1::bigint is null or change < $1) order by change desc limit $2`,
    [before ?? null, limit],
  )
  return { revocations: rows.map(resourceOf), next: rows.length < limit ? null : String(rows.at(-1)?.change) }
}

export interface ChangesRead {
  readonly changes: readonly RevocationChange[]
  /** Number of the newest change in the table. */
  readonly newest: number
}

/** Reads the changes after one, ended revocations included; after 0 those that have not ended. */
export async function readRevocationChanges(pool: Pool, after: number): Promise<ChangesRead> {
  const { rows } = await pool.query<{ newest: number; kind: RevokedKind; name: string | null; leftMs: number }>({
    name: 'identity-revocation-changes',
    text: `with newest as (select coalesce(max(change), 0) as newest from rooms.identity_revocations)
     select newest, kind, name, (extract(epoch from until - now()) * 1000)::float8 as "leftMs"
     from newest left join rooms.identity_revocations
       on change > $1 and change <= newest and ($1 > 0 or until > now())`,
    values: [after],
  })
  const changes = rows.flatMap(({ kind, name, leftMs }) => (name === null ? [] : [{ kind, name, leftMs }]))
  return { changes, newest: rows[0]?.newest ?? 0 }
}

/** Deletes revocations that ended a while ago. Safe in any number of processes. */
export async function pruneIdentityRevocations(pool: Pool): Promise<void> {
  await pool.query(`delete from rooms.identity_revocations where until < now() - interval '${KEPT_AFTER_END}'`)
}

/** Empties the subject of a buyer's revocation, which stays in force. Returns the number of rows. */
export async function eraseSubject(pool: Pool, buyer: string): Promise<number> {
  const { rowCount } = await pool.query(
    `update rooms.identity_revocations set value = '' where name = $1 and value <> ''`,
    [buyer],
  )
  return rowCount ?? 0
}

/**
 * Finds the sales in which a revoked account may have a place or a turn: those that had an `identity` at any time and
 * are not over.
 */
export async function findIdentifiedSales(
  pool: Pool,
  { closedWithinMs }: { readonly closedWithinMs: number },
): Promise<readonly { readonly id: string; readonly state: string }[]> {
  const { rows } = await pool.query<{ id: string; state: string }>({
    name: 'identified-sales',
    text: `select id, state from rooms.sales
     where (state <> 'closed' or updated_at > now() - $1 * interval '1 ms')
       and (identity is not null or exists (
         select from rooms.acts where acts.sale = sales.id and jsonb_typeof(after -> 'identity') = 'object'))
     order by id`,
    values: [closedWithinMs],
  })
  return rows
}
