import { describe, expect, it } from 'vitest'
import { createGate } from './index.ts'
import { createTab } from './testing/browser.ts'
import { describeConformance } from './testing/conformance.ts'
import { startFakeWaitingRoom } from './testing/fake-waiting-room.ts'
import { gateOptionsOf } from './testing/shop-options.ts'
import { type Framework, SHOPS } from './testing/shops.ts'

describe.each(Object.keys(SHOPS) as Framework[])('behind the gate of %s', (framework) => {
  describeConformance((options) => SHOPS[framework](createGate(gateOptionsOf(options))))
})

it('decisions are counted by kind and reason', async () => {
  const room = await startFakeWaitingRoom()
  room.state.status = 503
  const gate = createGate({ queueUrl: room.url, sale: 'demo', failMode: 'open' })
  const shop = await SHOPS.hono(gate)
  try {
    const tab = createTab(shop.url)
    await tab.open('/checkout')
    tab.jar.set('floodgate-pass', await room.admission())
    await tab.open('/checkout')
    expect(gate.metrics()).toEqual([
      { kind: 'open', reason: 'waiting-room-unavailable', count: 1 },
      { kind: 'open', reason: 'keys-unavailable', count: 1 },
    ])
  } finally {
    await shop.close()
    room.close()
  }
})
