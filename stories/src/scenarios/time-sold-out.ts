import { bodyOf, createClient } from '@floodgate/client'
import { board, publicCatalogue, stockBoard, stockChange, waitingRoomRoutes } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { coat } from '../client/coats.ts'
import { problemOf } from '../client/http.ts'
import { openSocket } from '../client/socket.ts'
import type { TestSystem } from '../client/test-system.ts'

const POLL_MS = 50

/**
 * Sells the last coat of a new sale. Returns after how many milliseconds each place where buyers look says that it sold
 * out, from the time of the event that confirmed the order.
 */
export async function timeSoldOut(testSystem: TestSystem, sale: string): Promise<Readonly<Record<string, number>>> {
  const { operator, system, recorder, rooms } = testSystem
  await operator.openSale(sale, { items: [coat(1, 1)], maxActive: 2 })
  const [buyer, late] = [await testSystem.admitted('first', sale), await testSystem.admitted('late', sale)]
  const waiting = testSystem.buyer('waiting', sale)
  await waiting.join()
  const line = await waiting.watchLine()
  // Somebody still waits when all is sold.
  await operator.act(sale, 'pause')
  const stock = `${system.urls.notifier}/live/sales/${sale}/stock`
  const readStock = async () => stockBoard.parse(await readJson(stock))
  const { version } = await eventually(async () => await readStock())
  const changes = await openSocket(`${stock}/changes?after=${version}`, { schema: stockChange })
  const lines = createClient(waitingRoomRoutes, { send: rooms })
  const catalogue = `${system.urls.orderCore}/sales/${sale}/catalogue`

  const order = await buyer.order()
  const seenAtMs: Record<string, number> = {}
  async function see(where: string, isSoldOut: () => boolean | Promise<boolean>): Promise<void> {
    await eventually(
      async () => {
        if (!(await isSoldOut())) throw new Error(`${where}: not sold out`)
      },
      { intervalMs: POLL_MS },
    )
    seenAtMs[where] = Date.now()
  }
  await Promise.all([
    see('stock board', async () => (await readStock()).supply === 'sold-out'),
    see('stock socket', () => changes.heard.some(({ supply }) => supply === 'sold-out')),
    see('socket of the line', () => line.heard.some((status) => 'supply' in status && status.supply === 'sold-out')),
    see('poll of the line', async () => {
      const status = await waiting.status()
      return 'supply' in status && status.supply === 'sold-out'
    }),
    see('board of the line', async () => {
      const shown = board.parse(await bodyOf(lines.readBoard({ params: { sale } })))
      return shown.supply === 'sold-out'
    }),
    see('catalogue', async () => {
      const { items } = publicCatalogue.parse(await readJson(catalogue))
      return items.every(({ soldOut }) => soldOut)
    }),
    see('rejected order', async () => {
      const problem = problemOf(await late.tryToOrder({ key: crypto.randomUUID() }))
      return problem.code === 'sold-out' && problem.final === true
    }),
  ])
  for (const socket of [line, changes]) socket.close()

  const confirmed = await eventually(() => {
    const event = recorder.eventsOf(order.id).find(({ type }) => type === 'order.confirmed.v1')
    if (event === undefined) throw new Error('not confirmed')
    return event
  })
  return Object.fromEntries(Object.entries(seenAtMs).map(([where, atMs]) => [where, atMs - Date.parse(confirmed.time)]))
}

async function readJson(url: string): Promise<unknown> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} returned ${response.status}`)
  return await response.json()
}
