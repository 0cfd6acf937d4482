import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AptInstallOptions, findProgram, installWithApt } from '../apt.ts'
import { MissingServer } from '../errors.ts'
import { hasPythonTool, installPythonTool } from '../python/tool.ts'
import { PODMAN_COMPOSE } from '../python/tools.ts'
import { startContainerEngine } from './engine.ts'
import { createRootFileSystem } from './root-file-system.ts'

const PROGRAM_FOLDERS = ['/usr/bin', '/usr/sbin', '/usr/lib/podman', '/usr/libexec/podman']
/** Debian's packages, each of which has a program of the same name. */
const PACKAGES = ['podman', 'runc', 'netavark', 'aardvark-dns', 'iptables']
const REMEDY = 'Only the test of the containers needs it.'

/** Tells whether this machine can run a container, in a network and with a limit of memory. */
export async function hasContainerEngine(): Promise<boolean> {
  if (process.getuid?.() !== 0 || (await missingPackages()).length > 0) return false
  if (!(await hasPythonTool(PODMAN_COMPOSE))) return false
  return await tryEngine().then(
    () => true,
    () => false,
  )
}

/**
 * Installs Debian's podman and what it needs to run containers as root, and podman-compose. Throws MissingServer where that
 * is impossible, or where no container runs nevertheless.
 */
export async function installContainerEngine(
  options: Pick<AptInstallOptions, 'onProgress' | 'signal'> = {},
): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new MissingServer(`Only root may run the containers of the test, with their limits. ${REMEDY}`)
  const packages = await missingPackages()
  if (packages.length > 0) await installWithApt({ packages, remedy: REMEDY, ...options })
  if (!(await hasPythonTool(PODMAN_COMPOSE))) await installPythonTool(PODMAN_COMPOSE, options)
  await tryEngine()
}

async function missingPackages(): Promise<readonly string[]> {
  const found = await Promise.all(PACKAGES.map((name) => findProgram(name, PROGRAM_FOLDERS)))
  return PACKAGES.filter((_name, index) => found[index] === undefined)
}

/** Runs a container as the services of docker-compose.yml run; throws MissingServer with podman's reason. */
async function tryEngine(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'floodgate-engine-'))
  const engine = await startContainerEngine(join(directory, 'engine'))
  try {
    const files = await createRootFileSystem(join(directory, 'root'), { name: 'nobody', id: 65_534 })
    await files.toImage(engine, 'localhost/floodgate-trial', ['ENV PATH=/usr/bin'])
    const network = `floodgate-trial-${process.pid}`
    await engine.podman('network', 'create', network)
    const confined = [`--network=${network}`, '--memory=64m', '--read-only', '--cap-drop=all', '--user=65534']
    await engine.podman('run', '--rm', ...confined, 'localhost/floodgate-trial', 'bash', '-c', 'exit 0')
  } catch (cause) {
    const said = cause instanceof Error ? cause.message.trim().split('\n').at(-1) : String(cause)
    throw new MissingServer(`No container runs on this machine. ${REMEDY}\n${said}`, { cause })
  } finally {
    await engine.stop()
    await rm(directory, { recursive: true, force: true })
  }
}
