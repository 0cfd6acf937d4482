import { setTimeout as delay } from 'node:timers/promises'
import {
  type CatalogueItem,
  type LogEntry,
  logPage,
  type SaleAct,
  type SaleResource,
  type SaleSettingsInput,
  type StockAudit,
  saleResource,
  stockAudit,
} from '@floodgate/contracts'
import type { z } from 'zod'

export type NewSale = Partial<SaleSettingsInput> & { readonly items?: readonly CatalogueItem[] }

/** What a bench does as the shop's operator. Every method throws when it is refused. */
export interface Operator {
  /** Makes a sale with its catalogue and opens it. */
  openSale(sale: string, wanted?: NewSale): Promise<SaleResource>
  act(sale: string, act: SaleAct): Promise<SaleResource>
  sale(sale: string): Promise<SaleResource>
  /** The audit: what Redis and Postgres say of every SKU, and whether they agree. */
  stock(sale: string): Promise<StockAudit>
  /** The whole log of the sale's line: every admission with its Redis time. */
  log(sale: string): Promise<LogEntry[]>
}

/** A whole page of the log, on a busy machine; what is late there is asked for again. */
const ANSWER_MS_MAX = 60_000

export function oneItem(total: number): CatalogueItem {
  return {
    sku: 'COAT',
    name: 'Wool coat',
    listPriceMinor: 24_900,
    salePriceMinor: 12_450,
    total,
    perBuyerLimit: 1,
  }
}

const settings: SaleSettingsInput = {
  name: 'Bench',
  admitPerSecond: 100,
  maxActive: 10_000,
  admissionTtlSeconds: 600,
}

export function createOperator(target: {
  readonly urls: { readonly waitingRoom: string; readonly orderCore: string }
  readonly adminToken: string
}): Operator {
  const { waitingRoom, orderCore } = target.urls
  const headers = { authorization: `Bearer ${target.adminToken}`, 'content-type': 'application/json' }

  async function call(method: string, url: string, body?: object): Promise<unknown> {
    const startedAt = performance.now()
    let answer = await send(method, url, body)
    while (answer.status === 503 && performance.now() - startedAt < ANSWER_MS_MAX) {
      await delay(Number(answer.headers.get('retry-after') ?? 1) * 1_000)
      answer = await send(method, url, body)
    }
    if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
  const send = (method: string, url: string, body?: object): Promise<Response> =>
    fetch(url, {
      method,
      headers,
      // The operator's token goes nowhere but where it was sent.
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const get = async <Schema extends z.ZodType>(url: string, schema: Schema) => schema.parse(await call('GET', url))
  const act: Operator['act'] = async (sale, name) =>
    saleResource.parse(await call('POST', `${waitingRoom}/admin/sales/${sale}/${name}`))

  return {
    act,
    async openSale(sale, { items = [oneItem(1_000)], ...wanted } = {}) {
      await call('PUT', `${waitingRoom}/admin/sales/${sale}`, { ...settings, ...wanted })
      await call('PUT', `${orderCore}/admin/sales/${sale}/catalogue`, { currency: 'EUR', items })
      return act(sale, 'open')
    },
    sale: (sale) => get(`${waitingRoom}/admin/sales/${sale}`, saleResource),
    stock: (sale) => get(`${orderCore}/admin/sales/${sale}/stock`, stockAudit),
    async log(sale) {
      const entries: LogEntry[] = []
      for (let after: string | null = '0-0'; after !== null; ) {
        const page: z.infer<typeof logPage> = await get(
          `${waitingRoom}/admin/sales/${sale}/log?limit=1000&after=${after}`,
          logPage,
        )
        entries.push(...page.entries)
        after = page.next
      }
      return entries
    },
  }
}
