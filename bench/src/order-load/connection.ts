import { once } from 'node:events'
import { connect } from 'node:net'
import { answerStatus } from './answer.ts'

/** A kept-alive HTTP/1.1 connection that carries one request at a time. */
export type Connection = {
  /** Sends the bytes of a whole request; the answer's status. Rejects when the connection ends before it. */
  exchange(request: Buffer): Promise<number>
  close(): void
}

/**
 * A bare socket. `fetch` and `node:http` cost more CPU per request than a server under test has for its answer on the
 * same two cores; this costs a tenth of it.
 */
export async function openConnection(address: URL): Promise<Connection> {
  const socket = connect({ host: address.hostname, port: Number(address.port), noDelay: true })
  await once(socket, 'connect')
  let received = ''
  let waiting: PromiseWithResolvers<number> | undefined
  const fail = (error: Error): void => {
    waiting?.reject(error)
    waiting = undefined
  }
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    received += text
    const status = answerStatus(received)
    if (status === undefined) return
    received = ''
    const answered = waiting
    waiting = undefined
    answered?.resolve(status)
  })
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('The connection ended.')))
  return {
    exchange(request) {
      if (waiting !== undefined) return Promise.reject(new Error('One request at a time.'))
      if (socket.destroyed) return Promise.reject(new Error('The connection ended.'))
      const answer = Promise.withResolvers<number>()
      waiting = answer
      socket.write(request)
      return answer.promise
    },
    close: () => socket.destroy(),
  }
}
