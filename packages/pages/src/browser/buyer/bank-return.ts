import type { CameBack } from './model.ts'
import { orderAddress } from './screens/screen.ts'

/** The parameter of the page's address that names the order, as in `PAYMENT_RETURN_URL`. */
const ORDER_PARAMETER = 'payment'
const ORDER = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** A longer proof is dropped: the order core would reject it. */
const PARAMETERS_MAX = 20
const PROOF_CHARACTERS_MAX = 8_000

/**
 * Splits the address of a page to which a buyer came back from the page of the bank: the order that it names with all
 * that the provider added, and the rest, which is the page's own address.
 */
export function splitReturn(search: string): { readonly cameBack: CameBack | undefined; readonly search: string } {
  const parameters = new URLSearchParams(search)
  const order = parameters.get(ORDER_PARAMETER)?.toLowerCase() ?? ''
  if (!ORDER.test(order)) return { cameBack: undefined, search }
  const own = new URLSearchParams(parameters.getAll('return').map((url) => ['return', url]))
  for (const name of [ORDER_PARAMETER, 'return']) parameters.delete(name)
  const added = Object.fromEntries(parameters)
  const isShort = parameters.size <= PARAMETERS_MAX && parameters.toString().length <= PROOF_CHARACTERS_MAX
  return { cameBack: { order, proof: isShort ? added : {} }, search: own.size === 0 ? '' : `?${own}` }
}

/** Returns the buyer's return, and removes it from the address, so that a reload or a bookmark does not repeat it. */
export function takeReturn(): CameBack | undefined {
  const { cameBack, search } = splitReturn(location.search)
  if (cameBack !== undefined) history.replaceState(null, '', location.pathname + search + location.hash)
  return cameBack
}

/**
 * Returns the address of the order's own page, with the return, for a tab that does not show this order; undefined for the
 * one that does. A bank may lead into another tab: the order's page reads the order by the cookies, and reports the return.
 */
export function orderPageAfter(
  { order, proof }: CameBack,
  tab: { readonly sale: string; readonly order: string | undefined },
): string | undefined {
  if (order === tab.order) return undefined
  const search = new URLSearchParams({ ...proof, [ORDER_PARAMETER]: order })
  return `${orderAddress({ sale: tab.sale, id: order })}?${search}`
}
