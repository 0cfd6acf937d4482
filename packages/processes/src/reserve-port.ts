import { createServer } from 'node:net'

/**
 * Reserves a port for this process among all that call this on this machine; returns whether it was free. Without it two
 * systems that start at the same time could draw the same port before either listens there. Binds an abstract Unix socket
 * named after the port, which the kernel releases when the process ends in any way.
 */
export function reservePort(port: number): Promise<boolean> {
  const server = createServer((socket) => socket.destroy())
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if ('code' in error && error.code === 'EADDRINUSE') resolve(false)
      else reject(error)
    })
    // `exclusive`: a worker of node:cluster would otherwise share it with its primary.
    server.listen({ path: `\0floodgate-port-${port}`, exclusive: true }, () => {
      server.unref()
      resolve(true)
    })
  })
}
