import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { type Listening, listen } from './listen.ts'

const host = '127.0.0.1'
const opened: Listening[] = []
afterEach(async () => void (await Promise.all(opened.splice(0).map((server) => server.close(0)))))

const open = async (port = 0): Promise<Listening> => {
  const server = await listen({ fetch: () => new Response('here'), host, port })
  opened.push(server)
  return server
}
/** Asks on a connection of its own; what came back. */
const ask = async ({ port }: Listening): Promise<string> => {
  const socket = connect(port, host)
  socket.end('GET / HTTP/1.1\r\nHost: floodgate\r\nConnection: close\r\n\r\n')
  return text(socket)
}

describe('listening', () => {
  it('is refused a port that another server has', async () => {
    const holder = createServer().listen(0, host)
    await once(holder, 'listening')
    const address = holder.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    await expect(open(port)).rejects.toThrow(/EADDRINUSE/)
    holder.close()
  })

  it('is refused a port that another app of ours has', async () => {
    const { port } = await open()
    await expect(open(port)).rejects.toThrow(/EADDRINUSE/)
  })

  it('takes in many new connections at each turn of the event loop', async () => {
    const server = await open()
    const newcomers = 320
    let turns = 0
    let everybodyIsIn = false
    const countTurns = () => {
      turns += 1
      if (!everybodyIsIn) setImmediate(countTurns)
    }
    countTurns()
    const answers = await Promise.all(Array.from({ length: newcomers }, () => ask(server)))
    everybodyIsIn = true
    expect(answers.filter((answer) => answer.endsWith('here'))).toHaveLength(newcomers)
    // One at a turn, as from a single socket, would take as many turns as there are newcomers.
    expect(turns).toBeLessThan(newcomers / 2)
  })

  it('lets nobody in once it is closed', async () => {
    const server = await open()
    await server.close(0)
    await Promise.all(
      Array.from({ length: 32 }, async () => {
        await expect(ask(server)).rejects.toThrow(/ECONNREFUSED|ECONNRESET/)
      }),
    )
  })
})
