import { bodyOf, type Client, createClient, createSend } from '@floodgate/client'
import { orderCoreRoutes, waitingRoomRoutes } from '@floodgate/contracts'

export interface DemoSale {
  readonly id: string
  readonly made: boolean
}

const UNITS = 1_000
const ADMIT_PER_SECOND = 20
const NAMES_MAX = 1_000
const RESPONSE_MS_MAX = 10_000

const saleSettings = {
  name: 'Demo: everything at half price',
  admitPerSecond: ADMIT_PER_SECOND,
  maxActive: 400,
  admissionTtlSeconds: 300,
}
const catalogue = {
  currency: 'EUR',
  items: [
    {
      sku: 'demo-headphones',
      name: 'Headphones',
      listPriceMinor: 9_900,
      salePriceMinor: 4_950,
      total: UNITS,
      perBuyerLimit: 2,
    },
  ],
}

/** The campaign of the demo sale, for whoever wants to see a voucher claimed and used. */
const VOUCHERS = {
  campaign: 'welcome',
  body: { name: 'Welcome voucher', discount: { kind: 'fixed', amountMinor: 500 }, total: 100 },
} as const

interface Urls {
  readonly waitingRoom: string
  readonly orderCore: string
}

/**
 * Makes sure that a demo sale is open: `demo`, or, when that is over or sold out, the next of `demo-2`, `demo-3`, …
 * Does not change a sale that is over.
 */
export async function ensureDemoSale(urls: Urls, adminToken: string): Promise<DemoSale> {
  const sendTo = (url: string) => createSend({ urls: [url], msMax: RESPONSE_MS_MAX })
  const rooms = createClient(waitingRoomRoutes, { send: sendTo(urls.waitingRoom), adminToken })
  const cores = createClient(orderCoreRoutes, { send: sendTo(urls.orderCore), adminToken })
  const { sales } = await bodyOf(rooms.listSales())
  const states = new Map(sales.map(({ id, state }) => [id, state]))
  for (let number = 1; number <= NAMES_MAX; number += 1) {
    const id = number === 1 ? 'demo' : `demo-${number}`
    const params = { sale: id }
    const state = states.get(id)
    if (state === 'closed') continue
    const shown = state === undefined ? undefined : await cores.showCatalogue({ params })
    const items = shown?.kind === 'success' ? shown.body?.items : undefined
    if (items?.every(({ soldOut }) => soldOut)) continue
    await bodyOf(rooms.putSale({ params, body: saleSettings }))
    // After an interrupted start the catalogue may be missing although the sale exists.
    if (items === undefined) await bodyOf(cores.putCatalogue({ params, body: catalogue }))
    await ensureVouchers(cores, id)
    if (state === undefined || state === 'scheduled') await bodyOf(rooms.open({ params }))
    if (state === 'paused') await bodyOf(rooms.resume({ params }))
    return { id, made: state === undefined }
  }
  throw new Error(`All ${NAMES_MAX} demo sales are over. Start again with: npm start -- --reset`)
}

/** Creates the campaign; one that exists stays as it is. */
async function ensureVouchers(cores: Client<typeof orderCoreRoutes>, sale: string): Promise<void> {
  const { campaign, body } = VOUCHERS
  const headers = { 'if-none-match': '*' }
  const saved = await cores.putVoucherCampaign({ params: { sale, campaign }, headers, body })
  if (saved.kind === 'problem' && saved.problem.code !== 'campaign-changed') await bodyOf(saved)
}
