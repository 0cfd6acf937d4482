// Checks before the installation whether `npm start` can use or install Redis, so that a missing one is reported at once.
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const SYSTEM_PATHS = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin', '/sbin']

/** Prints the alternatives and exits if there is no Redis and no way to install one. */
export function requireRedisAtHand() {
  const { REDIS_URL, PATH = '' } = process.env
  if (REDIS_URL || isProgram('redis-server', PATH) || process.getuid?.() === 0) return
  if (isProgram('sudo', PATH) && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore', timeout: 3000 }).status === 0)
    return
  console.error(
    [
      '✗ Redis is missing',
      '  where: redis-server is not on this machine',
      '  why:   It is installed through apt-get, as root or with a sudo that needs no password; neither is possible here.',
      '  run:   sudo apt-get update && sudo apt-get install -y redis-server',
      '  or:    REDIS_URL=redis://host:6379 npm start    (a Redis 7 of yours: append-only file, noeviction)',
      '  or:    sudo npm start',
    ].join('\n'),
  )
  process.exit(1)
}

function isProgram(name, path) {
  return [...path.split(delimiter), ...SYSTEM_PATHS].some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return folder !== ''
    } catch {
      return false
    }
  })
}
