import {
  type CatalogueItem,
  type LedgerCheck,
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

/** The settings of a new sale and its items, in euros. */
export type NewSale = SaleSettingsInput & { readonly items: readonly CatalogueItem[] }

/** The operator's calls for sales. Every method throws `UnexpectedResponse` when its request is rejected. */
export interface Operator {
  readonly rooms: Client<typeof waitingRoomRoutes>
  readonly cores: Client<typeof orderCoreRoutes>
  /** Creates a scheduled sale with its catalogue. */
  createSale(sale: string, wanted?: Partial<NewSale>): Promise<SaleResource>
  /** Creates a sale with its catalogue and opens it. */
  openSale(sale: string, wanted?: Partial<NewSale>): Promise<SaleResource>
  act(sale: string, act: SaleAct): Promise<SaleResource>
  sale(sale: string): Promise<SaleResource>
  /** Audits the stock: the counts of Redis and Postgres for every SKU, and whether they agree. */
  stock(sale: string): Promise<StockAudit>
  /** Compares what the ledger counts with its orders, refunds and vouchers. */
  checkLedger(sale: string): Promise<LedgerCheck>
  /** Reads the whole log of the sale's line. */
  log(sale: string): Promise<LogEntry[]>
}

export interface OperatorOptions {
  readonly waitingRoom: Send
  readonly orderCore: Send
  readonly adminToken: string
  /** The defaults of a new sale. */
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
    checkLedger: (sale) => bodyOf(cores.checkLedger({ params: { sale } })),
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
