import { type Reply, through } from './through.ts'

const VISITORS = 4
/** Addresses used by one visitor, so that none reaches the limit of new places. */
const ADDRESSES = 250

/** Counts the responses of each kind while `work` runs: buyers join, poll, and read the board, again and again. */
export async function responsesDuring(
  work: () => Promise<void>,
  { origin, sale }: { readonly origin: string; readonly sale: string },
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  let isOver = false
  const note = ({ status, body }: Reply) => {
    const response = status < 400 ? `${status}` : `${status} ${body}`
    counts.set(response, (counts.get(response) ?? 0) + 1)
  }
  async function visit(visitor: number): Promise<void> {
    for (let turn = 0; !isOver; turn += 1) {
      const from = `127.2.${visitor}.${1 + (turn % ADDRESSES)}`
      const joined = await through(origin, `/sales/${sale}/tickets`, { method: 'POST', from })
      note(joined)
      const cookie = (joined.headers['set-cookie'] ?? []).map((each) => each.split(';')[0]).join('; ')
      note(await through(origin, `/sales/${sale}/ticket`, { headers: { cookie }, from }))
      note(await through(origin, `/sales/${sale}/board`, { from }))
    }
  }
  const visits = Array.from({ length: VISITORS }, (_, visitor) => visit(visitor))
  try {
    await work()
  } finally {
    isOver = true
  }
  await Promise.all(visits)
  return counts
}
