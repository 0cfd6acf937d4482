import { mkdir, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type AptInstallOptions, findProgram, installWithApt, run } from '../apt.ts'
import { MissingServer } from '../errors.ts'

type InstallOptions = Pick<AptInstallOptions, 'onProgress' | 'signal'>

/** A program from the Python package index, with a virtual environment of its own in the repository's cache. */
export interface PythonTool {
  /** Also the name of its list of requirements in this folder. */
  readonly name: string
  /** The version in the list of requirements; another version gets another environment. */
  readonly version: string
  /** The module that `python -m` runs. */
  readonly module: string
  /** The part of the tests that installs it. */
  readonly part: string
  /** Appended to the message when it cannot be installed. */
  readonly remedy: string
}

const CACHE = join(resolve(import.meta.dirname, '../../../..'), '.cache')
const PYTHON_MS_MAX = 30_000
const INSTALL_MS_MAX = 5 * 60_000
const isNewEnough = 'import sys; sys.exit(sys.version_info < (3, 10))'
const hasVenv = 'import venv, ensurepip'

/** Tells whether the tool is in the repository's cache. */
export async function hasPythonTool(tool: PythonTool): Promise<boolean> {
  return await succeeds([pythonOf(tool), '-c', `import ${tool.module}`])
}

/** Returns the command that runs the tool, or throws MissingServer. */
export async function pythonToolCommand(tool: PythonTool): Promise<readonly [string, ...string[]]> {
  if (!(await hasPythonTool(tool)))
    throw new MissingServer(`${tool.name} is not installed. Run: npm test -- ${tool.part}\n${tool.remedy}`)
  return [pythonOf(tool), '-m', tool.module]
}

/**
 * Installs the tool from the Python package index into a virtual environment in the repository's cache, with exactly
 * the versions of its requirements. Does not install Python itself, only Debian's package of `venv` where it is
 * missing. Throws MissingServer where that is impossible.
 */
export async function installPythonTool(tool: PythonTool, { onProgress, signal }: InstallOptions = {}): Promise<void> {
  const { name, version, remedy } = tool
  const python = await findProgram('python3')
  if (python === undefined || !(await succeeds([python, '-c', isNewEnough])))
    throw new MissingServer(`${name} needs Python 3.10 or newer (python3). ${remedy}`)
  if (!(await succeeds([python, '-c', hasVenv])))
    await installWithApt({ packages: ['python3-venv'], remedy, onProgress, signal })
  onProgress?.(`installing ${name} ${version} (pip, once) into ${environmentOf(tool)}`)
  // Its programs contain the directory of their creation, but its Python does not.
  const unfinished = join(CACHE, `${name}-unfinished-${process.pid}`)
  const pip = [join(unfinished, 'bin', 'python'), '-m', 'pip', '--disable-pip-version-check', '--no-input']
  const requirements = join(import.meta.dirname, `${name}.txt`)
  try {
    await mkdir(CACHE, { recursive: true })
    await run([python, '-m', 'venv', unfinished], INSTALL_MS_MAX, signal)
    await run([...pip, 'install', '--quiet', '--requirement', requirements], INSTALL_MS_MAX, signal)
    await rm(environmentOf(tool), { recursive: true, force: true })
    await rename(unfinished, environmentOf(tool))
  } catch (cause) {
    signal?.throwIfAborted()
    const said = cause instanceof Error ? cause.message.trim().split('\n').slice(-3).join('\n') : String(cause)
    throw new MissingServer(`${name} could not be installed. ${remedy}\n${said}`, { cause })
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

function environmentOf({ name, version }: PythonTool): string {
  return join(CACHE, `${name}-${version}`)
}

function pythonOf(tool: PythonTool): string {
  return join(environmentOf(tool), 'bin', 'python')
}

function succeeds(command: readonly string[]): Promise<boolean> {
  return run(command, PYTHON_MS_MAX).then(
    () => true,
    () => false,
  )
}
