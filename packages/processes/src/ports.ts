import { randomInt } from 'node:crypto'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { basename } from 'node:path'
import { reservePort } from './reserve-port.ts'

/**
 * The process that listens on a port. Both fields are absent when it belongs to a user whose processes cannot be
 * inspected.
 */
export interface PortHolder {
  readonly pid?: number
  readonly command?: string
}

/** Another process listens on a server's port; the message names that process, as far as this user may see it. */
export class PortInUse extends Error {
  static readonly code = 'port-in-use'
  readonly code = PortInUse.code
  override readonly name = 'PortInUse'
  readonly port: number

  constructor(port: number, message: string) {
    super(message)
    this.port = port
  }
}

/**
 * Below the kernel's own range for outgoing connections (ip_local_port_range begins at 32768). Within that range a
 * client that tries to reach a killed server could get the server's port as its own, connect to itself and block the
 * restart.
 */
const FREE_PORT_MIN = 20_000
const FREE_PORT_MAX = 32_767
const ATTEMPTS_MAX = 100

/** Returns a TCP port that was free a moment ago. Until this process ends, no other process gets it from here. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const port = randomInt(FREE_PORT_MIN, FREE_PORT_MAX + 1)
    if (!(await reservePort(port))) continue
    const server = await listenOn(port, '127.0.0.1').catch(() => undefined)
    if (server === undefined) continue
    await close(server)
    return port
  }
  throw new Error(`No free port between ${FREE_PORT_MIN} and ${FREE_PORT_MAX} after ${ATTEMPTS_MAX} attempts.`)
}

/** Returns `count` different free ports. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) ports.push(await freePort())
  return ports
}

/** Throws {@link PortInUse}, with the holder's name, unless a server could listen there now. */
export async function assertPortFree(port: number, host: string): Promise<void> {
  try {
    await close(await listenOn(port, host))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
    const holder = await portHolder(port)
    const who = holder?.pid === undefined ? 'another process' : `${holder.command ?? 'a process'} (pid ${holder.pid})`
    throw new PortInUse(port, `Port ${port} on ${host} is in use by ${who}.`)
  }
}

/** Finds the process that listens on this port, best effort. `undefined` when there is none. */
export async function portHolder(port: number): Promise<PortHolder | undefined> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  )
  const inodes = new Set(tables.flatMap((table) => listeningInodes(table, port)))
  if (inodes.size === 0) return undefined
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry)
    if (Number.isSafeInteger(pid) && (await holdsSocket(pid, inodes))) return { pid, command: await commandOf(pid) }
  }
  return {}
}

const LISTEN_STATE = '0A'
const COMMAND_CHARACTERS_MAX = 120

/** Returns the inodes of the sockets that listen on a port, from proc_net_tcp, for {@link portHolder}. Pure. */
export function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table.split('\n').flatMap((line) => {
    const [, localAddress, , state, , , , , , inode] = line.trim().split(/\s+/)
    return state === LISTEN_STATE && localAddress?.endsWith(suffix) && inode !== undefined ? [inode] : []
  })
}

async function holdsSocket(pid: number, inodes: ReadonlySet<string>): Promise<boolean> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => [])
  for (const descriptor of descriptors) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '')
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1]
    if (inode !== undefined && inodes.has(inode)) return true
  }
  return false
}

async function commandOf(pid: number): Promise<string> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  const [program = '', ...args] = commandLine.split('\0')
  return [basename(program), ...args].join(' ').trim().slice(0, COMMAND_CHARACTERS_MAX)
}

function listenOn(port: number, host: string): Promise<Server> {
  // A client that retries a killed server may connect here and must not keep the socket open.
  const server = createServer((socket) => socket.destroy())
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host }, () => resolve(server))
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())))
}
