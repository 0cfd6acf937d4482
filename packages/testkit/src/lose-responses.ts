import type { Pool, PoolClient, QueryConfig, QueryResult } from 'pg'

/**
 * Wraps a pool in a network that loses the responses of matching statements: they take effect, and their caller gets a
 * broken connection. The same holds for clients of the pool.
 */
export function loseResponses(pool: Pool, statement: RegExp): Pool {
  function losing<Target extends Pool | PoolClient>(target: Target): Target {
    return new Proxy(target, {
      get(_, name) {
        if (name === 'connect') return connect
        if (name === 'query') return query
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    async function connect(): Promise<PoolClient> {
      return losing((await pool.connect()) as PoolClient)
    }
    async function query(config: string | QueryConfig, values?: unknown[]): Promise<QueryResult> {
      const result = await (typeof config === 'string' ? target.query(config, values) : target.query(config))
      if (statement.test(typeof config === 'string' ? config : config.text))
        throw new Error('Connection terminated unexpectedly')
      return result
    }
  }
  return losing(pool)
}
