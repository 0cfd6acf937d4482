import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startRedis } from '@floodgate/local-servers'
import { freePort } from '@floodgate/processes'
import { z } from 'zod'
import { faults } from '../report/faults.ts'
import { type Cost, type CostName, firstCosts } from './costs.ts'

const run = promisify(execFile)
const SCRIPT = join(import.meta.dirname, '../../../apps/waiting-room/src/testing/measure-memory.ts')
const OUTPUT_BYTES_MAX = 1024 ** 2
/** Maximum permanent memory per buyer; a key that never shrinks is a leak. */
const PAST_BYTES_MAX = 16

/** `keys`: bytes by the name of a key, without the log. */
const bytes = z.object({ keys: z.record(z.string(), z.number()), log: z.number() })
const lineMemory = z.object({
  /** Memory of Redis. */
  version: z.string(),
  buyers: z.int().min(1),
  empty: bytes,
  waiting: bytes,
  inside: bytes,
  served: bytes,
  hourLater: bytes,
})
export type LineMemory = z.infer<typeof lineMemory>

export type MemoryCostName = 'waiterMemory' | 'insideMemory' | 'servedMemory' | 'pastMemory' | 'logMemory'

/**
 * Lets buyers pass through a line on a separate Redis, by the real scripts, and reads the memory of every key
 * meanwhile.
 */
export async function measureMemory(options: {
  readonly directory: string
  readonly buyers: number
  readonly signal: AbortSignal
}): Promise<{
  readonly measured: LineMemory
  readonly costs: Readonly<Record<MemoryCostName, Cost>>
  readonly faults: readonly string[]
}> {
  const { directory, buyers, signal } = options
  const redis = await startRedis({ dataDir: join(directory, 'redis'), port: await freePort() })
  try {
    const words = [SCRIPT, redis.url, String(buyers)]
    const { stdout } = await run(process.execPath, words, { signal, maxBuffer: OUTPUT_BYTES_MAX })
    const measured = lineMemory.parse(JSON.parse(stdout))
    const costs = memoryCosts(measured, new Date())
    const { value } = costs.pastMemory
    const stays = `${value.toFixed(0)} bytes of a buyer stay an hour after its slot`
    return { measured, costs, faults: faults([[value > PAST_BYTES_MAX, stays]]) }
  } finally {
    await redis.stop()
  }
}

/** Returns the bytes per buyer in each stage, and in the log. Pure. */
export function memoryCosts(measured: LineMemory, at: Date): Readonly<Record<MemoryCostName, Cost>> {
  const { buyers, empty, waiting, inside, served, hourLater, version } = measured
  const source = `${buyers.toLocaleString('en')} buyers, Redis ${version}, ${at.toISOString().slice(0, 10)}`
  const cost = (name: CostName, total: number): Cost => ({
    ...firstCosts[name],
    value: Math.max(0, total / buyers),
    source,
    kind: 'measured',
  })
  const beyondEmpty = (stage: z.infer<typeof bytes>): number => sumOf(stage) - sumOf(empty)
  return {
    waiterMemory: cost('waiterMemory', beyondEmpty(waiting)),
    insideMemory: cost('insideMemory', beyondEmpty(inside)),
    servedMemory: cost('servedMemory', beyondEmpty(served)),
    pastMemory: cost('pastMemory', beyondEmpty(hourLater)),
    logMemory: cost('logMemory', served.log - waiting.log),
  }
}

const sumOf = ({ keys }: z.infer<typeof bytes>): number => Object.values(keys).reduce((sum, each) => sum + each, 0)
