import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A collector that takes every batch and forgets it: only the cost of sending is measured. */
export interface Collector {
  readonly url: string
  /** The number of batches so far. */
  batches(): number
  stop(): void
}

export async function startCollector(): Promise<Collector> {
  let batches = 0
  const server = createServer((request, response) => {
    batches += 1
    request.resume().on('end', () => response.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    batches: () => batches,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}
