import { createWriteBehind } from '@floodgate/async'
import { isFaultOfPart } from '@floodgate/database'
import type { Pool } from 'pg'
import { type AwaitedBuyer, awaitBuyers } from './await-buyers.ts'
import { type PostponedCharge, postponeCharges, type SettledCharge, settleCharges } from './charge-store.ts'

const GROUP_SIZE_MAX = 256
/** Charges that end within some milliseconds of each other are recorded in one transaction. */
const SETTLE_PACE_MS = 50

/** Records the ends of rounds in groups; one that cannot be recorded fails alone. */
export function createRoundRecords({ pool, wakeRelay }: { readonly pool: Pool; wakeRelay(): void }) {
  const settle = createWriteBehind<SettledCharge, void>({
    write: async (group) => {
      await settleCharges(pool, group)
      wakeRelay()
      return group.map(() => undefined)
    },
    itemsMax: GROUP_SIZE_MAX,
    isFault: isFaultOfPart,
    paceMs: SETTLE_PACE_MS,
  })
  const awaitBuyer = createWriteBehind<AwaitedBuyer, void>({
    write: async (group) => {
      await awaitBuyers(pool, group)
      wakeRelay()
      return group.map(() => undefined)
    },
    itemsMax: GROUP_SIZE_MAX,
    isFault: isFaultOfPart,
    paceMs: SETTLE_PACE_MS,
  })
  const postpone = createWriteBehind<PostponedCharge, void>({
    write: async (group) => {
      await postponeCharges(pool, group)
      return group.map(() => undefined)
    },
    itemsMax: GROUP_SIZE_MAX,
    isFault: isFaultOfPart,
  })
  return { settle, awaitBuyer, postpone }
}
