import { type AptInstallOptions, findProgram, installWithApt } from '../apt.ts'
import { MissingServer } from '../errors.ts'

const REMEDY = 'Or set REDIS_URL to a Redis 7 of yours (append-only file, noeviction).'

/** Returns the path of this machine's redis-server. */
export function findRedisServer(): Promise<string | undefined> {
  return findProgram('redis-server')
}

/** Installs Debian's Redis; without root and `sudo -n`, throws MissingServer within four seconds. */
export async function installRedis(options: Pick<AptInstallOptions, 'onProgress' | 'signal'> = {}): Promise<void> {
  await installWithApt({ packages: ['redis-server'], remedy: REMEDY, ...options })
}

/** Returns the path of redis-server, or throws MissingServer. */
export async function requireRedisServer(): Promise<string> {
  const path = await findRedisServer()
  if (path === undefined)
    throw new MissingServer(`redis-server is not installed. Run: sudo apt-get install -y redis-server\n${REMEDY}`)
  return path
}
