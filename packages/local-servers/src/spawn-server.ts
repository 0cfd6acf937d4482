import { type OwnedProcess, type SpawnOwnedOptions, spawnOwned } from '@floodgate/processes'

/** Fixed, so that a server prints the same on every machine. */
const environment = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC' }

/** Starts a server's process with nothing of our environment but the path. `env` is added. */
export function spawnServer(
  options: Omit<SpawnOwnedOptions, 'env'> & Partial<SpawnOwnedOptions>,
): Promise<OwnedProcess> {
  return spawnOwned({ ...options, env: { ...environment, ...options.env } })
}
