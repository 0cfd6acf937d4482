import { access, copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { run } from '../apt.ts'
import type { ContainerEngine } from './engine.ts'

const IMAGE = 'localhost/floodgate-node'
const COMMAND_MS_MAX = 60_000
const NPM = '/usr/local/lib/node_modules/npm'
/** Programs, libraries and certificates of Debian, and the records of its packages. */
const SYSTEM = ['/usr/bin', '/usr/sbin', '/usr/lib', '/usr/lib64', '/usr/share', '/etc/ssl', '/etc/alternatives']
const PACKAGE_RECORDS = '/var/lib/dpkg'

export interface NodeImageOptions {
  /** The program of the Node that the image has. */
  readonly node: string
  /** The image of the Dockerfile that this one stands in for. */
  readonly insteadOf: string
  /** Receives its files meanwhile. */
  readonly directory: string
}

/**
 * Makes a stand-in for the official Node image and returns the options with which `podman build` uses it. It contains
 * Node and a user; the rest is this machine's, visible during the build: Debian, npm with its settings, and what pnpm
 * has downloaded before.
 */
export async function makeNodeImage(engine: ContainerEngine, options: NodeImageOptions): Promise<readonly string[]> {
  const { node, insteadOf, directory } = options
  const inside = (path: string): string => join(directory, path)
  for (const path of ['etc', 'home/node', 'root', 'tmp', 'usr/local/bin', 'var/lib', 'proc', 'sys', 'dev'])
    await mkdir(inside(path), { recursive: true })
  for (const link of ['bin', 'sbin', 'lib', 'lib64']) await symlink(`usr/${link}`, inside(link))
  await run(['chmod', '1777', inside('tmp')], COMMAND_MS_MAX)
  await copyFile(node, inside('usr/local/bin/node'))
  await symlink(join(NPM, 'bin/npm-cli.js'), inside('usr/local/bin/npm'))
  await copyFile('/etc/os-release', inside('etc/os-release'))
  await writeFile(inside('etc/passwd'), 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n')
  await writeFile(inside('etc/group'), 'root:x:0:\nnode:x:1000:\n')
  const archive = `${directory}.tar`
  await run(['tar', '-C', directory, '-cf', archive, '.'], COMMAND_MS_MAX)
  const { NODE_EXTRA_CA_CERTS: authorities } = process.env
  const variables = [
    'PATH=/usr/local/bin:/usr/sbin:/usr/bin',
    ...(authorities ? [`NODE_EXTRA_CA_CERTS=${authorities}`] : []),
  ]
  await engine.podman('import', ...variables.map((variable) => `--change=ENV ${variable}`), archive, IMAGE)
  await Promise.all([directory, archive].map((path) => rm(path, { recursive: true })))

  const npm = join((await run(['npm', 'root', '--global'], COMMAND_MS_MAX)).trim(), 'npm')
  const settings = join(homedir(), '.npmrc')
  const mounts = [
    ...[...SYSTEM, PACKAGE_RECORDS, ...(authorities ? [dirname(authorities)] : [])].map((path) => [path, path, 'ro']),
    [npm, NPM, 'ro'],
    [settings, '/root/.npmrc', 'ro'],
    // Packages and their records. Changes of the build stay in an overlay.
    ...['.local/share/pnpm', '.cache/pnpm'].map((path) => [join(homedir(), path), join('/root', path), 'O']),
  ] as const
  return [
    `--build-context=${insteadOf}=container-image://${IMAGE}`,
    '--network=host',
    ...(await existing(mounts)).map((mount) => `--volume=${mount.join(':')}`),
  ]
}

/** Returns the mounts whose source exists, each target once. */
async function existing(mounts: readonly (readonly string[])[]): Promise<(readonly string[])[]> {
  const found = await Promise.all(
    mounts.map(async (mount) =>
      access(mount[0] ?? '').then(
        () => mount,
        () => undefined,
      ),
    ),
  )
  const targets = new Map(found.flatMap((mount) => (mount === undefined ? [] : [[mount[1], mount] as const])))
  return [...targets.values()]
}
