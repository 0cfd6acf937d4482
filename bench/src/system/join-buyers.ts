import { bodyOf, type Operator } from '@floodgate/client'

const AT_ONCE = 50

/** A buyer in the line. */
export interface Holder {
  readonly ticket: string
  readonly place: number
}

/** Lets different buyers join over HTTP, and returns each with its place. */
export async function joinBuyers(
  rooms: Operator['rooms'],
  { sale, buyers }: { readonly sale: string; readonly buyers: number },
): Promise<readonly Holder[]> {
  const holders: Holder[] = []
  let joining = 0
  async function joinInTurn(): Promise<void> {
    while (joining < buyers) {
      joining += 1
      const { ticket, place } = await bodyOf(rooms.join({ params: { sale } }))
      holders.push({ ticket, place })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, joinInTurn))
  return holders
}
