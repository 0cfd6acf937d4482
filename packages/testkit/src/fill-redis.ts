import { Redis } from 'ioredis'

/** A Redis whose `maxmemory` is below its use: it rejects every command that could take more. */
export interface FullRedis {
  /** Removes the bound. */
  free(): Promise<void>
}

/**
 * Fills a Redis by lowering the bound instead of adding data: `maxmemory` becomes a tenth of its current use, so that
 * no action of a test frees memory.
 */
export async function fillRedis(url: string): Promise<FullRedis> {
  await setMaxmemory(url, (used) => Math.max(1, Math.floor(used / 10)))
  return { free: () => setMaxmemory(url, () => 0) }
}

async function setMaxmemory(url: string, bytes: (used: number) => number): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1])
    await client.config('SET', 'maxmemory', bytes(used))
  } finally {
    client.disconnect()
  }
}
