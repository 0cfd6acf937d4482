import {
  type Board,
  type BuyerRefund,
  type EndedPass,
  type JoinResponse,
  type OrderResource,
  type ProblemCode,
  type PublicCatalogue,
  type PublicVouchers,
  problemKinds,
  problemType,
  type TicketStatus,
  type Voucher,
} from '@floodgate/contracts'

const MINUTE = 60_000
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString()

/** A response that replaces a server's, in the contract's shape. */
export interface Scripted {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

const ok = (body: unknown, status = 200): Scripted => ({ status, body })

export function problem(code: ProblemCode, members: Record<string, unknown> = {}): Scripted {
  const { status, title, retryable } = problemKinds[code]
  return {
    status,
    body: {
      type: problemType(code),
      code,
      title,
      status,
      detail: `${title}.`,
      retryable,
      traceId: '0'.repeat(32),
      ...members,
    },
    headers: retryable ? { 'retry-after': '2' } : {},
  }
}

export function boardWith(changes: Partial<Board>): Scripted {
  return ok({
    sale: 'screens',
    name: 'Winter coats at half price',
    saleState: 'open',
    snapshot: 1,
    waiting: 4_211,
    active: 20,
    admitted: 100,
    admitPerSecond: 20,
    opensAt: null,
    closesAt: null,
    edge: 1_800,
    marks: [[0, 1]],
    at: inMs(0),
    ...changes,
  } satisfies Board)
}

export function joined(position: number): Scripted {
  return ok(
    {
      ticket: 'a.b.c',
      place: position,
      position,
      etaSeconds: 211,
      pollAfterMs: 500,
      saleState: 'open',
    } satisfies JoinResponse,
    201,
  )
}

export function standing(changes: Partial<TicketStatus>): Scripted {
  return ok({
    state: 'waiting',
    saleState: 'open',
    position: 1_234,
    etaSeconds: 62,
    pollAfterMs: 500,
    snapshot: 2,
    ...((changes.state ?? 'waiting') === 'waiting' && { returners: 0 }),
    ...changes,
  })
}

/**
 * Returns an admitted status whose turn lasts the same from the moment it is sent, however long the test takes before.
 */
export function admitted(expiresInMs = 5 * MINUTE, saleState: TicketStatus['saleState'] = 'open'): Scripted {
  return {
    status: 200,
    get body() {
      return standing({
        ...{ state: 'admitted', saleState, position: null, etaSeconds: null },
        ...{ admission: 'x.y.z', expiresAt: inMs(expiresInMs), extensions: { taken: 0, remaining: 2, seconds: 60 } },
      }).body
    },
  }
}

const coat = {
  listPriceMinor: 24_900,
  salePriceMinor: 12_450,
  perBuyerLimit: 2,
  total: 1_000,
  available: 640,
  soldOut: false,
}

/** Returns a catalogue of so many coats. */
export function catalogueOf(count: number): Scripted {
  const items = Array.from({ length: count }, (_, index) => ({ sku: `COAT-${index}`, name: `Coat ${index}`, ...coat }))
  return ok({ sale: 'screens', currency: 'EUR', items } satisfies PublicCatalogue)
}

export function catalogueWith(changes: Partial<PublicCatalogue['items'][number]> = {}): Scripted {
  return ok({
    sale: 'screens',
    currency: 'EUR',
    items: [
      { sku: 'COAT-M', name: 'Wool coat, medium', ...coat, ...changes },
      { sku: 'COAT-L', name: 'Wool coat, large', ...coat, available: 12, ...changes },
      {
        sku: 'SCARF',
        name: 'Scarf',
        ...coat,
        listPriceMinor: 3_000,
        salePriceMinor: 1_500,
        perBuyerLimit: 1,
        available: 0,
        ...changes,
      },
    ],
  } satisfies PublicCatalogue)
}

const spring: PublicVouchers['campaigns'][number] = {
  ...{ campaign: 'spring', name: 'Spring', discount: { kind: 'percentage', percent: 20, capMinor: 2_000 } },
  ...{ minimumMinor: 5_000, total: 100, available: 12, validFrom: null, validUntil: null },
}

/** Returns the vouchers of the sale: none, or some. */
export function vouchersWith(...changes: readonly Partial<typeof spring>[]): Scripted {
  const campaigns = changes.map((each) => ({ ...spring, ...each }))
  return ok({ sale: 'screens', currency: 'EUR', campaigns } satisfies PublicVouchers)
}

export const claimedVoucher: Scripted = ok(
  { sale: 'screens', campaign: 'spring', state: 'issued', order: null, issuedAt: inMs(0) } satisfies Voucher,
  201,
)

export const orderId = '6f1c7d2a-3b0e-8c4f-9a55-0123456789ab'

export const endedPassResponse: Scripted = ok({
  admission: 'e.n.d',
  readableUntil: inMs(60 * MINUTE),
} satisfies EndedPass)

/** Returns the buyer's orders: none, or one. */
export function ordersWith(status?: OrderResource['status']): Scripted {
  return ok({ orders: status === undefined ? [] : [orderWith(status).body] })
}

/** One that is made, and one on its way. */
export const someRefunds: BuyerRefund[] = (['refunded', 'requested'] as const).map((status, at) => ({
  ...{ id: `6f1c7d2a-3b0e-8c4f-9a55-00000000000${at}`, status, amountMinor: 1_245 },
  items: [{ sku: 'COAT-M', quantity: 1, amountMinor: 1_245 }],
}))

export function orderWith(
  status: OrderResource['status'],
  cancelReason?: OrderResource['cancelReason'],
  more: Partial<OrderResource> = {},
): Scripted {
  return ok({
    id: orderId,
    sale: 'screens',
    items: [{ sku: 'COAT-M', quantity: 1, priceMinor: 12_450 }],
    totalMinor: 12_450,
    currency: 'EUR',
    createdAt: inMs(0),
    holdExpiresAt: inMs(10 * MINUTE),
    status,
    ...(cancelReason === undefined ? {} : { cancelReason }),
    version: status === 'pending' ? 1 : 2,
    ...more,
  } satisfies OrderResource)
}
