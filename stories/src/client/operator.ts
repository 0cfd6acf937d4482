import {
  type CatalogueItem,
  catalogueResource,
  type LogEntry,
  logPage,
  type SaleAct,
  type SaleResource,
  type SaleSettingsInput,
  type StockAudit,
  saleResource,
  stockAudit,
} from '@floodgate/contracts'
import { bodyOf, type Client } from './http.ts'

export type NewSale = Partial<SaleSettingsInput> & { readonly items?: readonly CatalogueItem[] }

export interface Operator {
  /** Makes a sale with its catalogue, still scheduled. */
  createSale(sale: string, wanted?: NewSale): Promise<SaleResource>
  /** Makes a sale and opens it. */
  openSale(sale: string, wanted?: NewSale): Promise<SaleResource>
  act(sale: string, act: SaleAct): Promise<SaleResource>
  sale(sale: string): Promise<SaleResource>
  stock(sale: string): Promise<StockAudit>
  /** The whole log of the sale's line. */
  log(sale: string): Promise<LogEntry[]>
}

/** The one thing most stories sell. */
export function coat(total: number, perBuyerLimit = 2): CatalogueItem {
  return {
    sku: 'COAT',
    name: 'Wool coat',
    listPriceMinor: 24_900,
    salePriceMinor: 12_450,
    total,
    perBuyerLimit,
  }
}

const settings: SaleSettingsInput = {
  name: 'Winter coats',
  admitPerSecond: 50,
  maxActive: 1_000,
  admissionTtlSeconds: 300,
}

export function createOperator(rooms: Client, cores: Client, adminToken: string): Operator {
  const headers = { authorization: `Bearer ${adminToken}` }
  const act: Operator['act'] = async (sale, name) =>
    bodyOf(await rooms.patiently('POST', `/admin/sales/${sale}/${name}`, { headers }), saleResource)

  const createSale: Operator['createSale'] = async (sale, { items = [coat(10)], ...wanted } = {}) => {
    const put = { headers, body: { ...settings, ...wanted } }
    const made = bodyOf(await rooms.patiently('PUT', `/admin/sales/${sale}`, put), saleResource, 200, 201)
    const catalogue = { headers, body: { currency: 'EUR', items } }
    bodyOf(await cores.patiently('PUT', `/admin/sales/${sale}/catalogue`, catalogue), catalogueResource, 200, 201)
    return made
  }

  return {
    createSale,
    act,
    async openSale(sale, wanted) {
      await createSale(sale, wanted)
      return act(sale, 'open')
    },
    sale: async (sale) => bodyOf(await rooms.patiently('GET', `/admin/sales/${sale}`, { headers }), saleResource),
    stock: async (sale) => bodyOf(await cores.patiently('GET', `/admin/sales/${sale}/stock`, { headers }), stockAudit),
    async log(sale) {
      const entries: LogEntry[] = []
      for (let after: string | null = '0-0'; after !== null; ) {
        const path: string = `/admin/sales/${sale}/log?limit=1000&after=${after}`
        const page = bodyOf(await rooms.patiently('GET', path, { headers }), logPage)
        entries.push(...page.entries)
        after = page.next
      }
      return entries
    },
  }
}
