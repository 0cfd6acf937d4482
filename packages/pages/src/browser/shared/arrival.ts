const FROM_ORDER = '#from-order'

/** Returns the address of a sale's page for a buyer who comes from an order: the page asks before it joins the line. */
export function saleAfterOrder(sale: string): string {
  return `/sales/${sale}${FROM_ORDER}`
}

/**
 * Tells whether the buyer comes from an order. Removes the mark from the address, so that a bookmark or a copied link
 * lacks it.
 */
export function takeFromOrder(): boolean {
  if (location.hash !== FROM_ORDER) return false
  history.replaceState(null, '', location.pathname + location.search)
  return true
}
