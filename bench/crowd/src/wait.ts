import { requestOf } from '@floodgate/client'
import { type TicketStatus, ticketStatus, waitingRoomRoutes } from '@floodgate/contracts'
import type { CallResponse } from './caller.ts'
import type { Surroundings } from './surroundings.ts'

/** `lost`: the waiting room no longer knows the ticket. */
export type WaitEnd =
  | { readonly kind: 'over'; readonly status: TicketStatus }
  | { readonly kind: 'lost' }
  | { readonly kind: 'had-enough' }

const SOCKET_RETRY_MS = 1_000

/** Polls at the server's intervals until the wait is over, or until `pollsMax` responses. */
export async function waitByPolling(
  around: Surroundings,
  { ticket, pollsMax = Number.POSITIVE_INFINITY }: { readonly ticket: string; readonly pollsMax?: number },
): Promise<WaitEnd> {
  for (let polls = 1; ; polls += 1) {
    const status = statusIn(await askOnce(around, ticket))
    if (status === undefined) return { kind: 'lost' }
    if (status.state !== 'waiting') return { kind: 'over', status }
    if (polls >= pollsMax) return { kind: 'had-enough' }
    await around.pause(status.pollAfterMs)
  }
}

/** Listens until the wait is over. When the socket breaks it polls once, as the page does, and listens again. */
export async function waitBySocket(around: Surroundings, ticket: string): Promise<WaitEnd> {
  for (;;) {
    const heard = await listen(around, ticket)
    if (heard !== undefined) return { kind: 'over', status: heard }
    const status = statusIn(await askOnce(around, ticket))
    if (status === undefined) return { kind: 'lost' }
    if (status.state !== 'waiting') return { kind: 'over', status }
    await around.pause(SOCKET_RETRY_MS)
  }
}

const askOnce = ({ room, sale }: Surroundings, ticket: string): Promise<CallResponse> =>
  room.call({
    operation: 'status',
    ...requestOf(waitingRoomRoutes.poll, { params: { sale }, bearer: ticket }),
  })

const statusIn = ({ status, body }: CallResponse): TicketStatus | undefined =>
  status === 200 ? ticketStatus.parse(body) : undefined

/** Resolves to the message that ends the wait; undefined when the socket ends first. */
function listen({ room, sale, signal }: Surroundings, ticket: string): Promise<TicketStatus | undefined> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const url = new URL(room.nextUrl() + requestOf(waitingRoomRoutes.watchTicket, { params: { sale } }).path)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    const socket = new WebSocket(url, ['floodgate.v1', ticket])
    const stop = (): void => {
      socket.close()
      reject(signal.reason)
    }
    signal.addEventListener('abort', stop, { once: true })
    socket.addEventListener('message', ({ data }) => {
      const message = ticketStatus.safeParse(JSON.parse(String(data)))
      if (!message.success || message.data.state === 'waiting') return
      resolve(message.data)
      socket.close()
    })
    // A failed socket also closes.
    socket.addEventListener('close', () => {
      signal.removeEventListener('abort', stop)
      resolve(undefined)
    })
  })
}
