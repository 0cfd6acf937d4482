import { chmod, readdir } from 'node:fs/promises'
import { arch } from 'node:os'
import { join } from 'node:path'
import { type AptInstallOptions, findProgram, installWithApt, run } from '../apt.ts'
import { MissingServer } from '../errors.ts'

export type Version = readonly [major: number, minor: number]

/** A Go command that can build a module of the required version, and the variables it needs. */
export interface Go {
  readonly command: string
  readonly environment: Readonly<Record<string, string>>
}

type GoOptions = Pick<AptInstallOptions, 'onProgress' | 'signal' | 'remedy'> & {
  /** The version that the module requires. */
  readonly needed: Version
  /** The release to download when the machine's own is too old, like `1.25.12`. */
  readonly toolchain: string
}

/** Since 1.21 Go downloads a newer version of itself where the module requires it. */
const FETCHES_ITSELF: Version = [1, 21]
const USUAL_PLACE = '/usr/local/go/bin/go'
const VERSION_MS_MAX = 10_000
const FETCH_MS_MAX = 5 * 60_000

/**
 * Returns a Go that is new enough: the machine's, else Debian's; where that is too old, a newer one through Go's module
 * proxy (75 MB, checked against its checksum database, kept in Go's own cache). Throws MissingServer.
 */
export async function obtainGo(options: GoOptions): Promise<Go> {
  const command = (await findGo()) ?? (await installGo(options))
  const version = goVersion(await run([command, 'version'], VERSION_MS_MAX, options.signal))
  if (isAtLeast(version, options.needed)) return { command, environment: {} }
  if (isAtLeast(version, FETCHES_ITSELF)) return { command, environment: { GOTOOLCHAIN: 'auto' } }
  options.onProgress?.(`Go ${version.join('.')} is too old: fetching Go ${options.toolchain} (75 MB, once)`)
  return { command: await fetchToolchain(command, options), environment: {} }
}

/** Returns the version in the output of `go version`, `[0, 0]` when there is none. Pure. */
export function goVersion(said: string): Version {
  const [, major = 0, minor = 0] = /go(\d+)\.(\d+)/.exec(said) ?? []
  return [Number(major), Number(minor)]
}

export function isAtLeast([major, minor]: Version, [majorMin, minorMin]: Version): boolean {
  return major > majorMin || (major === majorMin && minor >= minorMin)
}

async function findGo(): Promise<string | undefined> {
  const onPath = await findProgram('go')
  if (onPath !== undefined) return onPath
  return run([USUAL_PLACE, 'version'], VERSION_MS_MAX).then(
    () => USUAL_PLACE,
    () => undefined,
  )
}

async function installGo(options: GoOptions): Promise<string> {
  await installWithApt({ packages: ['golang-go'], ...options })
  const command = await findProgram('go')
  if (command === undefined) throw new MissingServer(`Go was installed but cannot be found. ${options.remedy}`)
  return command
}

/** Downloads a Go release, which is a module too. An older `go` unpacks one without its executable bits. */
async function fetchToolchain(command: string, { toolchain, signal }: GoOptions): Promise<string> {
  const module = `golang.org/toolchain@v0.0.1-go${toolchain}.linux-${arch() === 'x64' ? 'amd64' : arch()}`
  const downloaded = JSON.parse(await run([command, 'mod', 'download', '-json', module], FETCH_MS_MAX, signal)) as {
    Dir: string
  }
  const programs = [join(downloaded.Dir, 'bin'), ...(await toolFolders(downloaded.Dir))]
  for (const folder of programs) for (const name of await readdir(folder)) await chmod(join(folder, name), 0o755)
  return join(downloaded.Dir, 'bin', 'go')
}

async function toolFolders(root: string): Promise<string[]> {
  const tools = join(root, 'pkg', 'tool')
  return (await readdir(tools)).map((name) => join(tools, name))
}
