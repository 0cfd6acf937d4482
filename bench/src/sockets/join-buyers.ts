import { joinAnswer } from '@floodgate/contracts'

const AT_ONCE = 50

export interface Holder {
  readonly ticket: string
  readonly place: number
}

/** Lets buyers join over HTTP, and answers who has which place. */
export async function joinBuyers(url: string, buyers: number): Promise<readonly Holder[]> {
  const holders: Holder[] = []
  let joining = 0
  const worker = async (): Promise<void> => {
    while (joining < buyers) {
      joining += 1
      const { ticket, place } = joinAnswer.parse(await (await fetch(url, { method: 'POST' })).json())
      holders.push({ ticket, place })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return holders
}
