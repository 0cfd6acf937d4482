import { publicCatalogue, saleList } from '@floodgate/contracts'

export interface DemoSale {
  readonly id: string
  readonly made: boolean
}

const UNITS = 1_000
const ADMIT_PER_SECOND = 20
const NAMES_MAX = 1_000

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

interface Urls {
  readonly waitingRoom: string
  readonly orderCore: string
}

/**
 * Makes sure that there is a demo sale one can buy in: `demo`, or, when that is over or sold out, the next of
 * `demo-2`, `demo-3`, … A sale that is over can't be opened again, so it stays as it was.
 */
export async function ensureDemoSale(urls: Urls, adminToken: string): Promise<DemoSale> {
  const call = callAs(adminToken)
  const { sales } = saleList.parse(await call('GET', `${urls.waitingRoom}/admin/sales`))
  const states = new Map(sales.map(({ id, state }) => [id, state]))
  for (let number = 1; number <= NAMES_MAX; number += 1) {
    const id = number === 1 ? 'demo' : `demo-${number}`
    const state = states.get(id)
    if (state === 'closed' || (state !== undefined && (await isSoldOut(urls, id)))) continue
    await call('PUT', `${urls.waitingRoom}/admin/sales/${id}`, saleSettings)
    // After a restart half-way the catalogue may be missing though the sale is there.
    if (state === undefined || !(await hasCatalogue(urls, id)))
      await call('PUT', `${urls.orderCore}/admin/sales/${id}/catalogue`, catalogue)
    if (state === undefined || state === 'scheduled') await call('POST', `${urls.waitingRoom}/admin/sales/${id}/open`)
    if (state === 'paused') await call('POST', `${urls.waitingRoom}/admin/sales/${id}/resume`)
    return { id, made: state === undefined }
  }
  throw new Error(`There are ${NAMES_MAX} demo sales, all of them over. Start anew with: npm start -- --reset`)
}

const readCatalogue = (urls: Urls, sale: string) => fetch(`${urls.orderCore}/sales/${sale}/catalogue`)

async function hasCatalogue(urls: Urls, sale: string): Promise<boolean> {
  return (await readCatalogue(urls, sale)).status === 200
}

async function isSoldOut(urls: Urls, sale: string): Promise<boolean> {
  const answer = await readCatalogue(urls, sale)
  if (answer.status !== 200) return false
  return publicCatalogue.parse(await answer.json()).items.every(({ soldOut }) => soldOut)
}

const ANSWER_MS_MAX = 10_000

function callAs(adminToken: string) {
  return async function call(method: string, url: string, body?: object): Promise<unknown> {
    const answer = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${url} answered ${answer.status}: ${text.slice(0, 300)}`)
    return text === '' ? undefined : JSON.parse(text)
  }
}
