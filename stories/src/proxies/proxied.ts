import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type ProxyServer, startHaproxy, startNginx } from '@floodgate/local-servers'
import { eventually } from '@floodgate/testkit'
import { fillIn, type Place } from './fill-in.ts'

/** A proxy with a configuration of docs/deploy. */
export interface Proxied {
  readonly name: string
  readonly file: string
  /** Whether JSON is compressed, with weak tags. */
  readonly compresses: boolean
  /** Whether it has both waiting rooms. */
  readonly balances: boolean
  start(place: Place, directory: string): Promise<ProxyServer>
  /** Resolves once it sends buyers to this waiting room again. */
  untilUp(directory: string, server: string): Promise<void>
}

const startNginxWith = (file: string) =>
  async function start(place: Place, directory: string): Promise<ProxyServer> {
    return await startNginx({ directory, site: await fillIn(file, place), port: place.port })
  }

/** nginx runs no health checks: the next request detects the restart. */
const atOnce = async (): Promise<void> => undefined

const statsSocket = (directory: string): string => join(directory, 'stats.sock')

async function startHaproxyAt(place: Place, directory: string): Promise<ProxyServer> {
  const configuration = await fillIn('haproxy/floodgate.cfg', place)
  // Lets the test read HAProxy's view of the servers.
  const stats = `\nglobal\n    stats socket ${statsSocket(directory)} mode 600 level user\n`
  return await startHaproxy({ directory, configuration: `${configuration}${stats}`, port: place.port })
}

async function untilHaproxyHasIt(directory: string, server: string): Promise<void> {
  await eventually(async () => {
    const socket = connect(statsSocket(directory))
    await once(socket, 'connect')
    socket.write('show stat\n')
    const row = (await text(socket)).split('\n').find((line) => line.startsWith(`waiting_room,${server},`))
    if (row?.includes(',UP,') !== true) throw new Error(`HAProxy has not seen ${server} yet: ${row}`)
  })
}

export const PROXIES: readonly Proxied[] = [
  {
    name: 'nginx, as recommended',
    file: 'nginx/floodgate.conf',
    compresses: true,
    balances: true,
    start: startNginxWith('nginx/floodgate.conf'),
    untilUp: atOnce,
  },
  {
    name: 'nginx that rewrites Host',
    file: 'nginx/plain.conf',
    compresses: false,
    balances: false,
    start: startNginxWith('nginx/plain.conf'),
    untilUp: atOnce,
  },
  {
    name: 'HAProxy',
    file: 'haproxy/floodgate.cfg',
    compresses: false,
    balances: true,
    start: startHaproxyAt,
    untilUp: untilHaproxyHasIt,
  },
]
