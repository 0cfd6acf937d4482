import { type AptInstallOptions, findProgram, installWithApt } from '../apt.ts'
import { MissingServer } from '../errors.ts'

const REMEDY = 'Or set REDIS_URL to a Redis 7 of yours (append-only file, noeviction).'

/** The path of this machine's redis-server. */
export function findRedisServer(): Promise<string | undefined> {
  return findProgram('redis-server')
}

/** Installs Debian's Redis; where neither root nor `sudo -n` can be had, throws MissingServer within four seconds. */
export async function installRedis(options: Pick<AptInstallOptions, 'onProgress' | 'signal'> = {}): Promise<void> {
  await installWithApt({ packages: ['redis-server'], remedy: REMEDY, ...options })
}

/** The path of redis-server, or MissingServer. */
export async function requireRedisServer(): Promise<string> {
  const path = await findRedisServer()
  if (path === undefined)
    throw new MissingServer(`redis-server is not installed. Run: sudo apt-get install -y redis-server\n${REMEDY}`)
  return path
}
