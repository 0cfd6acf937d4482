import { closePool, createPool } from '@floodgate/database'
import { type ConnectionCheck, type Finding, keysCheck, warned } from '@floodgate/runtime'

const SETTING = 'identity.jwksUrl'
const ISSUERS_MAX = 20

/** Returns the check of the issuers of ID tokens that sales name: the keys of each, of open and future sales. */
export function issuersCheck(databaseUrl: string): ConnectionCheck {
  return {
    name: 'issuers of ID tokens',
    setting: SETTING,
    async run(signal) {
      const urls = await readIssuers(databaseUrl).catch(() => undefined)
      if (urls === undefined) return warned('the sales cannot be read', 'Mend the connection to Postgres first.')
      const findings = await Promise.all(urls.map(async (url) => ({ url, finding: await findingOf(url, signal) })))
      const wrong = findings.find(({ finding }) => finding.kind !== 'ok')
      if (wrong === undefined || wrong.finding.kind === 'ok') return { kind: 'ok', detail: `${urls.length} in use` }
      return { ...wrong.finding, problem: `${wrong.url}: ${wrong.finding.problem}` }
    },
  }
}

async function readIssuers(databaseUrl: string): Promise<readonly string[]> {
  const pool = createPool(databaseUrl, { max: 1, applicationName: 'floodgate-check' })
  try {
    const { rows } = await pool.query<{ url: string }>(
      `select distinct identity->>'jwksUrl' as url from rooms.sales
        where state <> 'closed' and identity->>'jwksUrl' is not null order by 1 limit $1`,
      [ISSUERS_MAX],
    )
    return rows.map(({ url }) => url)
  } finally {
    await closePool(pool, { workMsMax: 0 })
  }
}

async function findingOf(url: string, signal: AbortSignal): Promise<Finding> {
  const check = keysCheck({ name: url, setting: SETTING, url, mayBeLater: false })
  return await check.run(signal)
}
