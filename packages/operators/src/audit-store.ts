import type { AuditEntry, ProblemCode, Role } from '@floodgate/contracts'
import { isFaultOfPart, sqlState } from '@floodgate/database'
import type { OperatorAct } from '@floodgate/http'
import type { Pool } from 'pg'

/** An act with the key that makes its insert safe to repeat. */
export interface KeyedAct {
  readonly key: string
  readonly act: OperatorAct
}

/** Adds the acts of an app; one that is stored already is left as it is. */
export async function insertActs(pool: Pool, app: string, acts: readonly KeyedAct[]): Promise<void> {
  const rows = acts.map(({ key, act }) => ({
    key,
    at: new Date(act.atMs).toISOString(),
    token_id: act.caller.id,
    token_name: act.caller.name,
    role: act.caller.role ?? null,
    method: act.method,
    route: act.route,
    target: act.target,
    sale: act.target.sale ?? null,
    trace_id: act.traceId,
    client: act.client,
    status: act.status,
    code: act.code,
  }))
  await pool.query({
    name: 'insert-operator-acts',
    text: `insert into operators.audit
        (key, at, app, token_id, token_name, role, method, route, target, sale, trace_id, client, status, code)
      select key, at, $1, token_id, token_name, role, method, route, target, sale, trace_id, client, status, code
      from jsonb_to_recordset($2::jsonb) as act (key uuid, at timestamptz, token_id text, token_name text, role text, method text,
        route text, target jsonb, sale text, trace_id text, client text, status int, code text)
      on conflict (key) do nothing`,
    values: [app, JSON.stringify(rows)],
  })
}

/** Tells whether the database has rejected an act for its content; without a response of the database it has not. */
export function isRejectedAct(error: unknown): boolean {
  return sqlState(error) !== undefined && isFaultOfPart(error)
}

interface AuditRow {
  readonly id: number
  readonly at: Date
  readonly app: string
  readonly token_id: string
  readonly token_name: string
  readonly role: Role | null
  readonly method: string
  readonly route: string
  readonly target: Record<string, string>
  readonly sale: string | null
  readonly trace_id: string
  readonly client: string
  readonly status: number
  readonly code: ProblemCode | null
}

function entryOf(row: AuditRow): AuditEntry {
  return {
    id: String(row.id),
    at: row.at.toISOString(),
    app: row.app,
    token: { id: row.token_id, name: row.token_name, role: row.role },
    method: row.method,
    route: row.route,
    target: row.target,
    sale: row.sale,
    traceId: row.trace_id,
    client: row.client,
    status: row.status,
    code: row.code,
  }
}

export interface AuditQuery {
  /** Only entries with a lower id. */
  readonly before?: string | undefined
  readonly limit: number
  readonly sale?: string | undefined
  /** Id of a token. */
  readonly token?: string | undefined
}

/** Reads a page of the audit, the newest first. */
export async function readAudit(pool: Pool, { before, limit, sale, token }: AuditQuery) {
  const values: unknown[] = [limit]
  const conditions = [
    ['id <', before],
    ['sale =', sale],
    ['token_id =', token],
  ].flatMap(([condition, value]) => (value === undefined ? [] : [`${condition} $${values.push(value)}`]))
  const { rows } = await pool.query<AuditRow>(
    `select id, at, app, token_id, token_name, role, method, route, target, sale, trace_id, client, status, code
     from operators.audit ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`} order by id desc limit $1`,
    values,
  )
  const entries = rows.map(entryOf)
  return { entries, next: entries.length === limit ? (entries.at(-1)?.id ?? null) : null }
}
