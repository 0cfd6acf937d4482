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
  return {
    settle: inGroups<SettledCharge>(async (group) => {
      await settleCharges(pool, group)
      wakeRelay()
    }, SETTLE_PACE_MS),
    awaitBuyer: inGroups<AwaitedBuyer>(async (group) => {
      await awaitBuyers(pool, group)
      wakeRelay()
    }, SETTLE_PACE_MS),
    postpone: inGroups<PostponedCharge>((group) => postponeCharges(pool, group)),
  }
}

function inGroups<Item>(write: (group: readonly Item[]) => Promise<void>, paceMs?: number) {
  return createWriteBehind<Item, void>({
    write: async (group) => {
      await write(group)
      return group.map(() => undefined)
    },
    itemsMax: GROUP_SIZE_MAX,
    isFault: isFaultOfPart,
    ...(paceMs === undefined ? {} : { paceMs }),
  })
}
