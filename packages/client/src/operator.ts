import {
  type CatalogueItem,
  type LogEntry,
  orderCoreRoutes,
  type SaleAct,
  type SaleResource,
  type SaleSettingsInput,
  type StockAudit,
  waitingRoomRoutes,
} from '@floodgate/contracts'
import { type Client, createClient } from './client.ts'
import { bodyOf } from './responses.ts'
import type { Send } from './send.ts'

/** The settings of a new sale and what it sells, in euros. */
export type NewSale = SaleSettingsInput & { readonly items: readonly CatalogueItem[] }

/** What a shop's operator does with sales. Every method throws `UnexpectedResponse` when it is refused. */
export interface Operator {
  readonly rooms: Client<typeof waitingRoomRoutes>
  readonly cores: Client<typeof orderCoreRoutes>
  /** Makes a sale with its catalogue, still scheduled. */
  createSale(sale: string, wanted?: Partial<NewSale>): Promise<SaleResource>
  /** Makes a sale with its catalogue and opens it. */
  openSale(sale: string, wanted?: Partial<NewSale>): Promise<SaleResource>
  act(sale: string, act: SaleAct): Promise<SaleResource>
  sale(sale: string): Promise<SaleResource>
  /** The audit: what Redis and Postgres have of every SKU, and whether they agree. */
  stock(sale: string): Promise<StockAudit>
  /** The whole log of the sale's line. */
  log(sale: string): Promise<LogEntry[]>
}

export interface OperatorOptions {
  readonly waitingRoom: Send
  readonly orderCore: Send
  readonly adminToken: string
  /** What a new sale has unless it is wanted otherwise. */
  readonly newSale: NewSale
}

const CURRENCY = 'EUR'
const LOG_ENTRIES_PER_PAGE = 1_000
const LOG_START = '0-0'

export function createOperator({ waitingRoom, orderCore, adminToken, newSale }: OperatorOptions): Operator {
  const rooms = createClient(waitingRoomRoutes, { send: waitingRoom, adminToken })
  const cores = createClient(orderCoreRoutes, { send: orderCore, adminToken })

  async function createSale(sale: string, wanted: Partial<NewSale> = {}): Promise<SaleResource> {
    const params = { sale }
    const { items, ...settings } = { ...newSale, ...wanted }
    const created = await bodyOf(rooms.putSale({ params, body: settings }))
    await bodyOf(cores.putCatalogue({ params, body: { currency: CURRENCY, items } }))
    return created
  }
  function act(sale: string, name: SaleAct): Promise<SaleResource> {
    return bodyOf(rooms[name]({ params: { sale } }))
  }
  return {
    rooms,
    cores,
    createSale,
    async openSale(sale, wanted) {
      await createSale(sale, wanted)
      return act(sale, 'open')
    },
    act,
    sale: (sale) => bodyOf(rooms.readSale({ params: { sale } })),
    stock: (sale) => bodyOf(cores.auditStock({ params: { sale } })),
    async log(sale) {
      const entries: LogEntry[] = []
      for (let after = LOG_START; ; ) {
        const query = { limit: LOG_ENTRIES_PER_PAGE, after }
        const page = await bodyOf(rooms.readLog({ params: { sale }, query }))
        entries.push(...page.entries)
        if (page.next === null) return entries
        after = page.next
      }
    },
  }
}
