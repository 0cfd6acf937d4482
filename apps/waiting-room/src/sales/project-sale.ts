import { defineScript } from '@floodgate/redis'
import { type LineKeys, salesKey } from '../line/keys.ts'
import type { LineRedis } from '../line/line-redis.ts'
import type { Sale } from './sale.ts'

const projectKeys = [
  'sale',
  'log',
  'line',
  'seen',
  'away',
  'back',
  'active',
  'slots',
  'inside',
  'ended',
  'left',
  'pace',
] as const satisfies (keyof LineKeys)[]
const projectScript = defineScript({
  name: 'project',
  file: new URL('./project.lua', import.meta.url),
  numberOfKeys: projectKeys.length + 1,
})

/** Writes the sale into Redis unless it is there in this version or a newer one. Says whether it wrote. */
export const projectSale = async (
  line: LineRedis,
  sale: Sale,
  { act, isNew }: { act: string; isNew: boolean },
): Promise<boolean> =>
  (await line.run(projectScript, sale.id, {
    keys: projectKeys,
    extraKeys: [salesKey],
    args: [
      // A sale that Redis should know and does not was lost with everything about its line.
      isNew ? line.runId() : '',
      sale.version,
      act,
      sale.id,
      sale.state,
      ...['name', sale.name, 'rate', sale.admitPerSecond, 'maxActive', sale.maxActive],
      ...['ttlMs', sale.admissionTtlSeconds * 1_000],
      ...['opensAt', sale.opensAt?.getTime() ?? 0, 'closesAt', sale.closesAt?.getTime() ?? 0],
    ],
  })) === 1
