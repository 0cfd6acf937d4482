import { randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { orderResource, ticketStatus } from '@floodgate/contracts'
import type { System } from '@floodgate/dev/system'
import { eventually, sendAndHold, sendAndVanish, upgradeHead } from '@floodgate/testkit'
import { beforeAll, describe, expect, test } from 'vitest'
import { coat } from './client/coats.ts'
import { openSocket } from './client/socket.ts'
import { withSystem } from './client/test-system.ts'

const CLIENTS = 10_000
const SALE = 'hostile'
/** Source addresses of the attackers: one address has too few ports for two rounds within a minute. */
const sources = Array.from({ length: 8 }, (_, index) => `127.0.0.${index + 2}`)
const BACK_MS_MAX = 10_000
/** Descriptors of other buyers' connections, opened meanwhile. */
const SLACK = 100

const testSystem = withSystem({ replicas: {} })

let admission = ''
beforeAll(async () => {
  await testSystem().operator.openSale(SALE, { items: [coat(10, 1)], admitPerSecond: 10, maxActive: 10 })
  admission = (await (await testSystem().admitted('honest', SALE)).untilAdmitted()).admission
})

/** The apps with sockets, each with a request that it rejects, and a buyer who is served meanwhile. */
const apps = [
  {
    app: 'waiting-room',
    path: `/sales/${SALE}/live`,
    serve: async ({ urls }: System) => {
      const { ticket } = await testSystem().buyer(randomUUID(), SALE).join()
      const socket = await openSocket(`${urls.waitingRoom}/sales/${SALE}/live`, { token: ticket, schema: ticketStatus })
      await socket.until(() => true)
      socket.close()
    },
  },
  {
    app: 'notifier',
    path: `/live/orders/${randomUUID()}`,
    serve: async ({ urls }: System) => {
      const url = `${urls.notifier}/live/orders/${randomUUID()}`
      const socket = await openSocket(url, { token: admission, schema: orderResource })
      socket.close()
    },
  },
] as const

describe.each(apps)('ten thousand hostile clients of the $app', ({ app, path, serve }) => {
  const descriptors = (): number => readdirSync(`/proc/${testSystem().system.pidsOf(app)[0]}/fd`).length
  const target = () => ({ url: testSystem().system.urlsOf(app)[0] ?? '', sources })

  /** Has another buyer served again and again until the attack is over. */
  async function serveDuring<Result>(attack: Promise<Result>): Promise<Result> {
    let isOver = false
    const result = attack.finally(() => {
      isOver = true
    })
    while (!isOver) await serve(testSystem().system)
    return result
  }

  test('that are rejected, send another byte and vanish leave no descriptor behind', async () => {
    const before = descriptors()
    expect(await serveDuring(sendAndVanish(target(), upgradeHead(path), CLIENTS))).toBe(CLIENTS)
    await eventually(() => expect(descriptors()).toBeLessThan(before + SLACK), { timeoutMs: BACK_MS_MAX })
  })

  test('that stop during the handshake are disconnected', async () => {
    const before = descriptors()
    const release = await serveDuring(sendAndHold(target(), upgradeHead(path).slice(0, -2), CLIENTS))
    await serve(testSystem().system)
    await eventually(() => expect(descriptors()).toBeLessThan(before + SLACK), { timeoutMs: BACK_MS_MAX })
    release()
  })

  test('that read nothing are disconnected, and do not keep the process from stopping', async () => {
    const before = descriptors()
    const release = await serveDuring(sendAndHold(target(), upgradeHead(path), CLIENTS))
    await eventually(() => expect(descriptors()).toBeLessThan(before + SLACK), { timeoutMs: BACK_MS_MAX })
    await testSystem().system.stopApp(app)
    release()
    await testSystem().system.startApp(app)
    await serve(testSystem().system)
    expect(testSystem().system.deaths()).toEqual([])
  })
})
