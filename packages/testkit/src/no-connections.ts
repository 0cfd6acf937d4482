import pg, { type Client } from 'pg'

const NAME = 'floodgate-hog'
/** Rounds of ending other connections until none is left. */
const ROUNDS_MAX = 200
const AT_ONCE = 40

/**
 * Takes every connection of a Postgres and ends those of all other clients, which get 57P01 and then 53300. Resolves to
 * the function that releases them.
 */
export async function takeEveryConnection(url: string): Promise<() => Promise<void>> {
  const taken: Client[] = []
  /** Resolves to true if the server had one more connection. */
  async function take(): Promise<boolean> {
    const client = new pg.Client({ connectionString: url, application_name: NAME })
    client.on('error', () => undefined)
    try {
      await client.connect()
      taken.push(client)
      return true
    } catch (error) {
      if ((error as { code?: unknown }).code === '53300') return false
      throw error
    }
  }
  async function endOthers(): Promise<number> {
    const { rows } = (await taken[0]?.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where backend_type = 'client backend' and application_name <> $1`,
      [NAME],
    )) ?? { rows: [] }
    return rows.length
  }
  async function release(): Promise<void> {
    await Promise.all(taken.splice(0).map((client) => client.end()))
  }
  await take()
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    const ended = await endOthers()
    const took = await Promise.all(Array.from({ length: AT_ONCE }, take))
    if (ended === 0 && took.includes(false)) return release
  }
  await release()
  throw new Error(`Other clients still had connections after ${ROUNDS_MAX} rounds.`)
}
