import { type RouteInput, requestOf } from '@floodgate/client'
import { orderCoreRoutes, orderPlaced, orderResource, publicCatalogue } from '@floodgate/contracts'
import type { CallResponse } from './caller.ts'
import type { Outcome } from './observer.ts'
import type { Surroundings } from './surroundings.ts'

export interface Purchase {
  readonly outcome: Outcome
  readonly order?: string
}

const SECOND = 1_000
const ORDER_POLL_MS = 500
const SOLD_OUT_RETRY_MS = 1 * SECOND
/**
 * An order that is still pending by then is reported as such; also the limit of retries while units are merely held.
 */
const ORDER_MS_MAX = 60 * SECOND

/** Buys one unit of the catalogue's first item and waits until the outcome of the order is known. */
export async function buy(
  around: Surroundings,
  buyer: { readonly name: string; readonly email: string; readonly admission: string; readonly paymentMethod: string },
): Promise<Purchase> {
  const { core, sale } = around
  const shown = await core.call({
    operation: 'catalogue',
    ...requestOf(orderCoreRoutes.showCatalogue, { params: { sale } }),
  })
  const [item] = publicCatalogue.parse(shown.body).items
  if (item === undefined) return { outcome: 'refused' }
  const body = {
    items: [{ sku: item.sku, quantity: 1, priceMinor: item.salePriceMinor }],
    email: buyer.email,
    paymentMethod: buyer.paymentMethod,
  }
  const placed = await placeOrder(around, {
    ...{ bearer: buyer.admission, body },
    headers: { 'idempotency-key': buyer.name },
  })
  if (placed.status === 409 && codeOf(placed) === 'sold-out') return { outcome: 'sold-out' }
  if (placed.status !== 201) return { outcome: 'refused' }
  const { id } = orderPlaced.parse(placed.body)
  return { outcome: await followOrder(around, { id, bearer: buyer.admission }), order: id }
}

/** Retries with the same key while nothing is left but not everything is sold: held units may come back. */
async function placeOrder(
  { core, pause }: Surroundings,
  input: RouteInput<typeof orderCoreRoutes.placeOrder>,
): Promise<CallResponse> {
  const deadline = performance.now() + ORDER_MS_MAX
  for (;;) {
    const placed = await core.call({ operation: 'order', ...requestOf(orderCoreRoutes.placeOrder, input) })
    const mayComeBack = placed.status === 409 && codeOf(placed) === 'sold-out' && !isFinal(placed)
    if (!mayComeBack || performance.now() > deadline) return placed
    await pause((placed.retryAfterSeconds ?? 0) * SECOND || SOLD_OUT_RETRY_MS)
  }
}

async function followOrder(
  { core, pause }: Surroundings,
  { id, bearer }: { readonly id: string; readonly bearer: string },
): Promise<Outcome> {
  const deadline = performance.now() + ORDER_MS_MAX
  for (;;) {
    const response = await core.call({
      operation: 'order-status',
      ...requestOf(orderCoreRoutes.readOrder, { params: { id }, bearer }),
    })
    const order = response.status === 200 ? orderResource.parse(response.body) : undefined
    if (order?.status === 'confirmed') return 'confirmed'
    if (order !== undefined && order.status !== 'pending') return 'declined'
    if (performance.now() > deadline) return 'pending'
    await pause(ORDER_POLL_MS)
  }
}

const codeOf = ({ body }: CallResponse): unknown => memberOf(body, 'code')

const isFinal = ({ body }: CallResponse): boolean => memberOf(body, 'final') === true

const memberOf = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>)[name] : undefined
