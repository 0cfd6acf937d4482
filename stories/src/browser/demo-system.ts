import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Buyer, bodyOf, createBuyer, createOperator, type Operator } from '@floodgate/client'
import type { CatalogueItem, SaleSettingsInput } from '@floodgate/contracts'
import { removeData, type System, startSystem, withoutClientLimits } from '@floodgate/dev/system'
import { coat } from '../client/coats.ts'
import { patiently, sendTo } from '../client/http.ts'

const COATS = 50

/** Starts a whole system in a temporary directory. */
export async function startOwnSystem(
  environment: Parameters<typeof withoutClientLimits>[0] = {},
): Promise<{ system: System; stop(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'floodgate-pages-'))
  const system = await startSystem({
    dataDir,
    ports: 'free',
    durable: false,
    endWithParent: true,
    environment: withoutClientLimits(environment),
  })
  return {
    system,
    stop: async () => {
      await system.stop()
      await removeData(dataDir)
    },
  }
}

/** A slow machine may make an app lose its Redis for a moment, so that it asks for another attempt. */
function sendersTo(urls: System['urls']) {
  return { waitingRoom: patiently(sendTo([urls.waitingRoom])), orderCore: patiently(sendTo([urls.orderCore])) }
}

/** Creates an operator without a console. */
export function operatorOf({ urls, adminToken }: System): Operator {
  return createOperator({
    ...{ ...sendersTo(urls), adminToken },
    newSale: {
      ...{ name: 'Winter <b>coats</b> & more', admitPerSecond: 50, maxActive: 100, admissionTtlSeconds: 120 },
      items: [coat(COATS)],
    },
  })
}

export async function putCoat(system: System, sale: string, changes: Partial<CatalogueItem> = {}): Promise<void> {
  const body = { currency: 'EUR', items: [{ ...coat(COATS), ...changes }] }
  await bodyOf(operatorOf(system).cores.putCatalogue({ params: { sale }, body }))
}

/** Opens a sale of one item that admits everybody at once. */
export async function openSale(
  system: System,
  sale: string,
  { coat: changes, ...settings }: Partial<SaleSettingsInput> & { readonly coat?: Partial<CatalogueItem> } = {},
): Promise<void> {
  await operatorOf(system).openSale(sale, { ...settings, items: [{ ...coat(COATS), ...changes }] })
}

/** Returns another buyer whose turn it is, without a browser. */
export async function admittedBuyer({ urls }: System, sale: string, language = 'en'): Promise<Buyer> {
  const buyer = createBuyer({ sale, language, ...sendersTo(urls) })
  await buyer.join()
  await buyer.untilAdmitted()
  return buyer
}

/** Buys this many coats as another buyer, without a browser; returns the id of the order. */
export async function buyCoats(
  system: System,
  sale: string,
  quantity: number,
  { email = 'other@example.com', language = 'en' } = {},
): Promise<string> {
  const buyer = await admittedBuyer(system, sale, language)
  const order = { items: [{ sku: 'COAT', quantity }], email, paymentMethod: 'sim_ok' }
  return (await bodyOf(buyer.placeOrder(order, crypto.randomUUID()))).id
}
