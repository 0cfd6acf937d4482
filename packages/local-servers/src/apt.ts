import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { retry } from '@floodgate/async'
import { MissingServer } from './errors.ts'

export interface AptInstallOptions {
  readonly packages: readonly string[]
  /** The alternative; appended to the message when apt is not usable. */
  readonly remedy: string
  readonly onProgress?: ((line: string) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

const MINUTE = 60_000
const INSTALL_MS_MAX = 10 * MINUTE
const SUDO_MS_MAX = 3_000
/** About two minutes, as long as `DPkg::Lock::Timeout`. */
const LOCKED = { attemptsMax: 28, backOff: { minMs: 1_000, maxMs: 5_000 } }
/** In English, because its messages are read. */
const ENVIRONMENT = ['DEBIAN_FRONTEND=noninteractive', 'LC_ALL=C.UTF-8']
const APT_GET = ['env', ...ENVIRONMENT, 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120']
const SYSTEM_PATHS = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin', '/sbin']

/**
 * Installs Debian packages, as root or through `sudo` without a password. Where neither is possible it throws {@link
 * MissingServer}, with the command to run and the alternative, within four seconds.
 */
export async function installWithApt(options: AptInstallOptions): Promise<void> {
  const names = options.packages.join(' ')
  const byHand = `sudo apt-get update && sudo apt-get install -y ${names}`
  if ((await findProgram('apt-get')) === undefined) {
    throw new MissingServer(`${names}: not installed, and this machine has no apt-get. ${options.remedy}`)
  }
  const prefix = await rootPrefix()
  if (prefix === undefined) {
    throw new MissingServer(`${names}: not installed, and only root may install it. Run: ${byHand}\n${options.remedy}`)
  }
  options.onProgress?.(`installing ${names} (apt-get)`)
  const apt = [...prefix, ...APT_GET]
  try {
    await inTurn(async () => {
      await updateLists(apt, options.signal)
      const install = [...apt, 'install', '-y', '--no-install-recommends', ...options.packages]
      await run(install, INSTALL_MS_MAX, options.signal)
    })
  } catch (error) {
    options.signal?.throwIfAborted()
    const said = error instanceof Error ? error.message.trim().split('\n').slice(-3).join('\n') : String(error)
    throw new MissingServer(`${names}: apt-get failed. Run it by hand: ${byHand}\n${options.remedy}\n${said}`)
  }
}

/**
 * Updates the package lists, as root or through `sudo` without a password; throws {@link MissingServer} where neither
 * is possible.
 */
export async function updatePackageLists(options: Pick<AptInstallOptions, 'remedy' | 'signal'>): Promise<void> {
  const prefix = await rootPrefix()
  if (prefix === undefined)
    throw new MissingServer(
      `The lists of packages are missing or out of date, and only root may update them. Run: sudo apt-get update\n${options.remedy}`,
    )
  await inTurn(() => updateLists([...prefix, ...APT_GET], options.signal))
}

let lastTurn: Promise<unknown> = Promise.resolve()

/** Runs the installations of this process one after the other: dpkg has one lock. */
function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const turn = lastTurn.then(work)
  lastTurn = turn.catch(() => undefined)
  return turn
}

/**
 * Updates the package lists, and waits for another process that does so: `DPkg::Lock::Timeout` covers only the lock of
 * dpkg.
 */
async function updateLists(apt: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  await retry(() => run([...apt, 'update'], INSTALL_MS_MAX, signal), {
    ...LOCKED,
    ...(signal && { signal }),
    isRetriable: (error) => error instanceof Error && /Could not get lock/.test(error.message),
  })
}

/** Returns the full path of a program, which it searches in PATH and in the system's own folders, or only in `only`. */
export async function findProgram(name: string, only?: readonly string[]): Promise<string | undefined> {
  const folders = new Set(only ?? [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_PATHS])
  for (const folder of folders) {
    if (folder === '') continue
    const path = join(folder, name)
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return path
  }
  return undefined
}

/** Returns the prefix that makes root run a command; `undefined` when none works without a password. */
async function rootPrefix(): Promise<readonly string[] | undefined> {
  if (process.getuid?.() === 0) return []
  const sudo = await findProgram('sudo')
  if (sudo === undefined) return undefined
  return run([sudo, '-n', 'true'], SUDO_MS_MAX).then(
    () => [sudo, '-n'],
    () => undefined,
  )
}

/** Runs a command to its end and returns its output; throws with its error output when it fails. */
export function run(command: readonly string[], withinMs: number, signal?: AbortSignal): Promise<string> {
  const [file, ...args] = command
  if (file === undefined) throw new Error('No command to run.')
  return new Promise((resolve, reject) => {
    execFile(file, args, { timeout: withinMs, maxBuffer: 16 * 1024 * 1024, signal }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command.join(' ')}\n${stderr || stdout || error.message}`, { cause: error }))
      else resolve(stdout)
    })
  })
}
