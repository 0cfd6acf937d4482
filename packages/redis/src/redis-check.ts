import { type ConnectionCheck, type Finding, failed, failedConnection, type Log, warned } from '@floodgate/runtime'
import type { Redis } from 'ioredis'
import { createRedis } from './create-redis.ts'
import { replyErrorCode } from './unavailable.ts'

const SETTING = 'REDIS_URL'
/** Admissions end by the clock of Redis, and are verified by the clocks of the apps. */
const CLOCK_MS_MAX = 2_000

/** Error replies at connecting, by their first word. */
const REJECTIONS: Readonly<Record<string, Finding>> = {
  WRONGPASS: failed(
    'the server rejected the user or password',
    `Correct it in ${SETTING}; in a URL, % is written %25 and @ is written %40.`,
  ),
  NOAUTH: failed('the server requires a password', `Add it to ${SETTING}, as redis://:password@host:port.`),
  NOPERM: failed('this user may not run the commands of Floodgate', 'Give it +@all on all keys and channels.'),
  LOADING: failed('the server still loads its data', 'Try again when it runs.'),
}

/** Returns the check of Redis: reachable, writable, keeping what it is given, and with the time of this machine. */
export function redisCheck(url: string): ConnectionCheck {
  return {
    name: 'Redis',
    setting: SETTING,
    async run(signal) {
      const redis = createRedis({ url, name: 'floodgate-check', role: 'commands', log: QUIET })
      signal.addEventListener('abort', () => redis.disconnect(), { once: true })
      try {
        await firstConnection(redis)
        return await serverFinding(redis)
      } catch (error) {
        return REJECTIONS[replyErrorCode(error) ?? ''] ?? failedConnection(error, SETTING)
      } finally {
        redis.disconnect()
      }
    },
  }
}

/** Its connection reports through the finding alone. */
const QUIET: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** Rejects with the first error: without it, the client would reconnect without end. */
function firstConnection(redis: Redis): Promise<void> {
  return new Promise((resolve, reject) => {
    redis.once('ready', resolve)
    redis.once('error', reject)
    redis.once('end', () => reject(new Error('the connection was closed')))
  })
}

async function serverFinding(redis: Redis): Promise<Finding> {
  const sentMs = Date.now()
  const [seconds = 0, microseconds = 0] = (await redis.time()).map(Number)
  const aheadMs = Math.round(seconds * 1_000 + microseconds / 1_000 - (sentMs + Date.now()) / 2)
  if (Math.abs(aheadMs) > CLOCK_MS_MAX)
    return failed(
      `its clock is ${(Math.abs(aheadMs) / 1_000).toFixed(1)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine`,
      'Synchronize the clocks of all machines (NTP).',
    )
  const info = readInfo(await redis.info())
  if (info.role === 'slave')
    return failed('the server is a replica and accepts no writes', `Name the primary in ${SETTING}.`)
  if (info.maxmemory_policy !== undefined && info.maxmemory_policy !== 'noeviction')
    return failed(
      `its maxmemory-policy is ${info.maxmemory_policy}: a full server would delete places and holds`,
      'Set maxmemory-policy to noeviction.',
    )
  if (info.aof_enabled === '0')
    return warned('it has no append-only file: a restart loses every place in line', 'Set appendonly to yes.')
  return { kind: 'ok', detail: `primary, Redis ${info.redis_version ?? 'of an unknown version'}` }
}

function readInfo(info: string): Partial<Record<string, string>> {
  const lines = info.split('\r\n').filter((line) => line.includes(':'))
  return Object.fromEntries(lines.map((line) => line.split(/:(.*)/s, 2) as [string, string]))
}
