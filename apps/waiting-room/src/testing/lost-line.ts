import { createTestDatabase } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { admit } from '../admission/admit.ts'
import { archiveLog } from '../archive/archive-log.ts'
import { lineKeys } from '../redis/keys.ts'
import { projectSale } from '../sales/project-sale.ts'
import { recoverSale } from '../sales/recover-sale.ts'
import type { Sale } from '../sales/sale.ts'
import { readBuyerState } from './one-buyer.ts'
import { connectVirtualLine, type VirtualLine } from './virtual-line.ts'

const SECOND_MS = 1_000
const log = silentLogger

export type LostLine = Awaited<ReturnType<typeof connectLostLine>>

/** Creates lines in virtual time that can be archived, lost and recovered. */
export async function connectLostLine() {
  const [virtual, database] = await Promise.all([connectVirtualLine(), createTestDatabase({ connectionsMax: 4 })])
  const { pool } = database
  const recover = (sale: Sale) =>
    recoverSale({ line: virtual.line, pool, log, sale: sale.id, highestPlaceSeen: 0, recoveryMs: 30 * SECOND_MS })
  async function tick(sale: Sale) {
    const told = await admit(virtual.line, sale.id, 'kid')
    if (told.kind !== 'ok') throw new Error(told.kind)
    return told
  }
  return {
    virtual,
    pool,
    recover,
    tick,
    archiveAll: async (sale: string) => {
      while ((await archiveLog({ line: virtual.line, pool }, sale))?.isBehind !== false);
    },
    admitAll: async (sale: Sale, count: number) => {
      const admitted: { slot: string; buyer: string; place: number }[] = []
      while (admitted.length < count) {
        virtual.clock.advance(100)
        admitted.push(...(await tick(sale)).admitted)
      }
      return admitted
    },
    lose: async (sale: Sale, loss: keyof typeof losses) => {
      await losses[loss](virtual, sale)
      await recover(sale)
    },
    standing: async (sale: Sale, buyer: string, place: number) => {
      const told = await readBuyerState(virtual.line, sale.id, { buyer, place, presentMs: 5 * SECOND_MS })
      return told.kind === 'over' ? told.ending : told.kind
    },
    close: async () => {
      await Promise.all([virtual.close(), database.remove()])
    },
  }
}

/** Restarts Redis without any data, without some keys, or unchanged. */
const losses = {
  total: async ({ redis, line }: VirtualLine, sale: Sale) => {
    await redis.del(...Object.values(lineKeys(sale.id)))
    await projectSale(line, sale, { act: 'restored', isNew: false })
  },
  partial: async ({ redis }: VirtualLine, { id }: Sale) => {
    const keys = lineKeys(id)
    await redis.hset(keys.sale, 'run', 'another')
    await redis.del(keys.served, keys.slotOf, keys.left)
  },
  nothing: async ({ redis }: VirtualLine, { id }: Sale) => void (await redis.hset(lineKeys(id).sale, 'run', 'another')),
}
