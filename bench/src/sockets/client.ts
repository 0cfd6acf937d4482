// A process of socket clients: opens sockets on request, records when each received its admission, and reports on
// request.
import { WebSocket } from 'ws'
import type { Arrival, ClientOrder, ClientReply } from './client-messages.ts'

const HANDSHAKES_AT_ONCE = 50

const admitted: Arrival[] = []
let messages = 0
let lost = 0

const tell = (response: ClientReply): void => void process.send?.(response)

/** Resolves to whether the socket opened. */
function open({ url, address }: { url: string; address: string }, ticket: string, index: number): Promise<boolean> {
  const socket = new WebSocket(url, ['floodgate.v1', ticket], {
    localAddress: address,
    perMessageDeflate: false,
    skipUTF8Validation: true,
  })
  socket.on('message', (data: Buffer) => {
    const atMs = Date.now()
    messages += 1
    // Not parsed: ten thousand positions arrive per second, and the client shares the machine.
    if (data.includes('"state":"admitted"')) admitted.push({ index, atMs })
  })
  return new Promise((resolve) => {
    socket.on('error', () => resolve(false))
    socket.on('open', () => resolve(true))
    socket.on('close', () => {
      lost += 1
      resolve(false)
    })
  })
}

async function openAll(order: Extract<ClientOrder, { kind: 'open' }>): Promise<void> {
  let next = 0
  let opened = 0
  const worker = async (): Promise<void> => {
    while (next < order.tickets.length) {
      const index = next
      next += 1
      if (await open(order, order.tickets[index] ?? '', index)) opened += 1
    }
  }
  await Promise.all(Array.from({ length: HANDSHAKES_AT_ONCE }, worker))
  tell({ kind: 'opened', opened, failed: order.tickets.length - opened })
}

process.on('message', (order: ClientOrder) => {
  if (order.kind === 'open') void openAll(order)
  else tell({ kind: 'reported', messages, lost, admitted })
})
process.on('disconnect', () => process.exit())
