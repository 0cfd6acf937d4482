import type { Pool, PoolClient } from 'pg'

interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly Schema?: string
  readonly Plans?: readonly PlanNode[]
}

export interface StatementPlans {
  /** Returns the texts of the sent statements, each once. */
  texts(): readonly string[]
  /**
   * Explains every sent statement, with the values of its first call and as a generic plan. Returns those that would
   * scan a table of more than `rowsMin` rows: "schema.table: statement".
   */
  sequentialScans(options: { readonly rowsMin: number }): Promise<readonly string[]>
}

/** Records the statements sent through an unused pool. Only plans them, and executes nothing again. */
export function recordStatements(pool: Pool): StatementPlans {
  const sent = new Map<string, Statement>()
  let isRecording = true
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown
    client.query = ((...args: unknown[]) => {
      const statement = statementOf(args)
      if (isRecording && statement !== undefined && !sent.has(statement.text)) sent.set(statement.text, statement)
      return query(...args)
    }) as PoolClient['query']
  })
  return {
    texts: () => [...sent.keys()],
    async sequentialScans({ rowsMin }) {
      isRecording = false
      const client = await pool.connect()
      try {
        const big = await readBigTables(client, rowsMin)
        const found: string[] = []
        for (const { text, values } of sent.values()) {
          const plans = [
            await explain(client, `explain (verbose, format json) ${text}`, values),
            await explain(client, `explain (verbose, generic_plan, format json) ${text}`, undefined),
          ]
          const scanned = new Set(plans.flatMap((plan) => scansOf(plan)).filter((table) => big.has(table)))
          for (const table of scanned) found.push(`${table}: ${text}`)
        }
        return found
      } finally {
        client.release()
      }
    },
  }
}

function statementOf([first, second]: readonly unknown[]): Statement | undefined {
  const { text, values } =
    typeof first === 'string' ? { text: first, values: second } : (first as { text?: unknown; values?: unknown })
  if (typeof text !== 'string' || !/^(\s|--[^\n]*\n)*(select|insert|update|delete|with)\b/i.test(text)) return undefined
  return { text, values: Array.isArray(values) ? values : [] }
}

async function explain(client: PoolClient, text: string, values: readonly unknown[] | undefined): Promise<PlanNode> {
  const { rows } = await client.query<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(
    values === undefined || values.length === 0 ? text : { text, values: [...values] },
  )
  const plan = rows[0]?.['QUERY PLAN'][0]?.Plan
  if (plan === undefined) throw new Error(`no plan: ${text}`)
  return plan
}

function scansOf(node: PlanNode): string[] {
  const own = node['Node Type'] === 'Seq Scan' ? [`${node.Schema}.${node['Relation Name']}`] : []
  return [...own, ...(node.Plans ?? []).flatMap(scansOf)]
}

async function readBigTables(client: PoolClient, rowsMin: number): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%s.%s', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and c.reltuples > $1`,
    [rowsMin],
  )
  return new Set(rows.map(({ name }) => name))
}
