import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Arrival, ClientOrder, ClientReply } from './client-messages.ts'

/**
 * A process may have some 20,000 files open: both ends of 10,000 sockets here need more than one process of clients.
 */
const SOCKETS_PER_PROCESS = 5_000

export interface Clients {
  /** Opens a socket for each ticket; returns how many could not be opened. */
  open(url: string, tickets: readonly string[]): Promise<number>
  report(): Promise<ClientReport>
  stop(): Promise<void>
}

export interface ClientReport {
  readonly messages: number
  /** Sockets that were cut. */
  readonly lost: number
  /** With the index of the ticket among all. */
  readonly admitted: readonly Arrival[]
}

/** Starts as many processes of clients as the sockets need, each with its own local address. */
export function startClients(sockets: number): Clients {
  const processes = Array.from({ length: Math.ceil(sockets / SOCKETS_PER_PROCESS) }, (_, index) => ({
    child: fork(join(import.meta.dirname, 'client.ts'), { execPath: process.execPath }),
    address: `127.0.0.${index + 2}`,
    first: index * SOCKETS_PER_PROCESS,
  }))
  type Process = (typeof processes)[number]

  async function ask<Kind extends ClientReply['kind']>({ child }: Process, order: ClientOrder) {
    const replied = once(child, 'message') as Promise<[Extract<ClientReply, { kind: Kind }>]>
    const ended = once(child, 'exit').then(() => Promise.reject(new Error('A process of clients ended.')))
    child.send(order)
    const [reply] = await Promise.race([replied, ended])
    return reply
  }

  return {
    async open(url, tickets) {
      const responses = await Promise.all(
        processes.map((each) => {
          const own = tickets.slice(each.first, each.first + SOCKETS_PER_PROCESS)
          return ask<'opened'>(each, { kind: 'open', url, address: each.address, tickets: own })
        }),
      )
      return responses.reduce((sum, { failed }) => sum + failed, 0)
    },
    async report() {
      const responses = await Promise.all(processes.map((each) => ask<'reported'>(each, { kind: 'report' })))
      return {
        messages: responses.reduce((sum, { messages }) => sum + messages, 0),
        lost: responses.reduce((sum, { lost }) => sum + lost, 0),
        admitted: responses.flatMap(({ admitted }, at) =>
          admitted.map(({ index, atMs }) => ({ index: index + (processes[at]?.first ?? 0), atMs })),
        ),
      }
    },
    async stop() {
      await Promise.all(
        processes.map(async ({ child }) => {
          if (child.exitCode !== null || child.signalCode !== null) return
          const ended = once(child, 'exit')
          child.kill('SIGKILL')
          await ended
        }),
      )
    },
  }
}
