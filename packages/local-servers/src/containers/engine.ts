import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram, run } from '../apt.ts'
import { MissingServer } from '../errors.ts'
import { podmanComposeCommand } from '../python/tools.ts'

const COMMAND_MS_MAX = 10 * 60_000

export interface ContainerEngine {
  /** Runs podman and returns its standard output. Throws with its error output when it fails. */
  podman(...words: string[]): Promise<string>
  /** Does the same with podman-compose. */
  compose(...words: string[]): Promise<string>
  /** Removes all of its containers, images, volumes and networks, and its directory. */
  stop(): Promise<void>
}

/**
 * Prepares an engine whose images, containers, volumes and networks are in `directory`, apart from those of the machine.
 * They are also removed when this process is killed. Needs root. Throws MissingServer.
 */
export async function startContainerEngine(directory: string): Promise<ContainerEngine> {
  const podman = await findProgram('podman')
  if (podman === undefined) throw new MissingServer('podman is not installed. Run: npm test -- containers')
  const environment = await writeConfiguration(directory)
  const cleaner = startCleaner(['env', ...environment, podman], directory)
  return {
    podman: (...words) => run(['env', ...environment, podman, ...words], COMMAND_MS_MAX),
    async compose(...words) {
      const command = [...(await podmanComposeCommand()), '--in-pod', 'false', '--podman-path', podman, ...words]
      return await run(['env', ...environment, ...command], COMMAND_MS_MAX)
    },
    async stop() {
      if (cleaner.exitCode !== null) return
      cleaner.stdin?.end()
      await once(cleaner, 'exit')
    },
  }
}

/** Writes the engine's configuration and returns the variables that name it. */
async function writeConfiguration(directory: string): Promise<readonly string[]> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const files = [
    { variable: 'CONTAINERS_CONF', name: 'containers.conf', text: engineSettings(directory) },
    { variable: 'CONTAINERS_STORAGE_CONF', name: 'storage.conf', text: storageSettings(directory) },
    { variable: 'CONTAINERS_REGISTRIES_CONF', name: 'registries.conf', text: REGISTRIES },
  ]
  for (const { name, text } of files) await writeFile(join(directory, name), text)
  const variables = files.map(({ variable, name }) => `${variable}=${join(directory, name)}`)
  // Health checks run by timers of systemd. Without systemd, podman would start no container that has one.
  return [...variables, 'DISABLE_HC_SYSTEMD=true']
}

/** Sets limits below those of most machines: to raise one needs a capability that root may lack. */
function engineSettings(directory: string): string {
  return `[containers]
default_ulimits = ["nofile=16384:16384", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
tmp_dir = "${directory}/tmp"
[network]
network_backend = "netavark"
network_config_dir = "${directory}/networks"
`
}

function storageSettings(directory: string): string {
  return `[storage]
driver = "overlay"
graphroot = "${directory}/storage"
runroot = "${directory}/run"
`
}

/** Short names of images mean the same as they do to Docker. */
const REGISTRIES = 'unqualified-search-registries = ["docker.io"]\n'

/** Begins when its standard input ends, which the end of this process does too, however it comes. */
const CLEANER = `cat > /dev/null
directory=$1
shift
"$@" rm --force --all --time 0
"$@" network ls --format '{{.Name}}' | grep -v '^podman$' | xargs -r "$@" network rm --force
umount "$directory/storage/overlay"
rm -rf "$directory"`

function startCleaner(podman: readonly string[], directory: string): ChildProcess {
  return spawn('sh', ['-c', CLEANER, 'cleaner', directory, ...podman], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // In a group of its own, so that it survives Ctrl-C.
    detached: true,
  })
}
