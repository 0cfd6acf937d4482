import { bodyOf } from '@floodgate/client'
import type { Apps } from '@floodgate/command'
import { createAppClient } from '@floodgate/command'
import { type SaleSettingsInput, waitingRoomRoutes } from '@floodgate/contracts'

/** One buyer at a time, so that a second browser waits until the first has bought. */
const settings = {
  name: 'The example shop',
  admitPerSecond: 10,
  maxActive: 1,
  admissionTtlSeconds: 120,
}

/**
 * Opens the sale of a shop, with the shop as the place that its buyers return to. Repeating it applies other settings.
 * Throws for a sale that is closed.
 */
export async function openExampleSale(
  apps: Apps,
  { sale, shopUrl, ...changes }: { sale: string; shopUrl: string } & Partial<SaleSettingsInput>,
): Promise<void> {
  const rooms = createAppClient(apps, { app: 'waiting-room', routes: waitingRoomRoutes })
  const params = { sale }
  const ownShop = { returnOrigins: [shopUrl], defaultReturnUrl: `${shopUrl}/checkout` }
  const { state } = await bodyOf(rooms.putSale({ params, body: { ...settings, ...ownShop, ...changes } }))
  if (state === 'closed') throw new Error(`The sale ${sale} is closed. Name another one by --sale.`)
  if (state === 'scheduled') await bodyOf(rooms.open({ params }))
  if (state === 'paused') await bodyOf(rooms.resume({ params }))
}
