import { mkdir, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type AptInstallOptions, findProgram, installWithApt, run } from '../apt.ts'
import { MissingServer } from '../errors.ts'

type InstallOptions = Pick<AptInstallOptions, 'onProgress' | 'signal'>

/** Pinned in requirements.txt; another version gets another environment. */
const SCHEMATHESIS_VERSION = '4.32.5'
const REPOSITORY = resolve(import.meta.dirname, '../../../..')
const CACHE = join(REPOSITORY, '.cache')
const ENVIRONMENT = join(CACHE, `schemathesis-${SCHEMATHESIS_VERSION}`)
const PYTHON = join(ENVIRONMENT, 'bin', 'python')
const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')
const PYTHON_MS_MAX = 30_000
const INSTALL_MS_MAX = 5 * 60_000
const REMEDY = 'Only the fuzzing of the HTTP interfaces needs it.'
const isNewEnough = 'import sys; sys.exit(sys.version_info < (3, 10))'
const hasVenv = 'import venv, ensurepip'

/** Tells whether it is in the repository's cache. */
export async function hasSchemathesis(): Promise<boolean> {
  return await succeeds([PYTHON, '-c', 'import schemathesis.cli'])
}

/** Returns the command that runs it, or throws MissingServer. */
export async function schemathesisCommand(): Promise<readonly [string, ...string[]]> {
  if (!(await hasSchemathesis()))
    throw new MissingServer(`Schemathesis is not installed. Run: npm test -- fuzz\n${REMEDY}`)
  return [PYTHON, '-m', 'schemathesis.cli']
}

/**
 * Installs it from the Python package index into a virtual environment in the repository's cache, with exactly the
 * versions of requirements.txt. Does not install Python itself, only Debian's package of `venv` where it is missing.
 * Throws MissingServer where that is impossible.
 */
export async function installSchemathesis({ onProgress, signal }: InstallOptions = {}): Promise<void> {
  const python = await findProgram('python3')
  if (python === undefined || !(await succeeds([python, '-c', isNewEnough])))
    throw new MissingServer(`Schemathesis needs Python 3.10 or newer (python3). ${REMEDY}`)
  if (!(await succeeds([python, '-c', hasVenv])))
    await installWithApt({ packages: ['python3-venv'], remedy: REMEDY, onProgress, signal })
  onProgress?.(`installing Schemathesis ${SCHEMATHESIS_VERSION} (pip, once) into ${ENVIRONMENT}`)
  // Its programs contain the directory of their creation, but its Python does not.
  const unfinished = join(CACHE, `schemathesis-unfinished-${process.pid}`)
  const pip = [join(unfinished, 'bin', 'python'), '-m', 'pip', '--disable-pip-version-check', '--no-input']
  try {
    await mkdir(CACHE, { recursive: true })
    await run([python, '-m', 'venv', unfinished], INSTALL_MS_MAX, signal)
    await run([...pip, 'install', '--quiet', '--requirement', REQUIREMENTS], INSTALL_MS_MAX, signal)
    await rm(ENVIRONMENT, { recursive: true, force: true })
    await rename(unfinished, ENVIRONMENT)
  } catch (cause) {
    signal?.throwIfAborted()
    const said = cause instanceof Error ? cause.message.trim().split('\n').slice(-3).join('\n') : String(cause)
    throw new MissingServer(`Schemathesis could not be installed. ${REMEDY}\n${said}`, { cause })
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

function succeeds(command: readonly string[]): Promise<boolean> {
  return run(command, PYTHON_MS_MAX).then(
    () => true,
    () => false,
  )
}
