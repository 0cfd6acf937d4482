const FROM_ORDER = '#from-order'

/** Returns the address of a sale's page for a buyer who comes from an order: the page asks before it joins the line. */
export function saleAfterOrder(sale: string): string {
  return `/sales/${sale}${FROM_ORDER}`
}

const IDENTITY = 'identity='

/** Returns the ID token in a fragment; undefined for one without. */
export function identityIn(hash: string): string | undefined {
  const part = hash
    .slice(1)
    .split('&')
    .find((each) => each.startsWith(IDENTITY))
  return part?.slice(IDENTITY.length) || undefined
}

/**
 * Takes the ID token that the shop sent its buyer with. Removes it from the address at once, so that no bookmark, copied
 * link or screenshot has it.
 */
export function takeIdentity(): string | undefined {
  const idToken = identityIn(location.hash)
  if (location.hash.includes(IDENTITY)) history.replaceState(null, '', location.pathname + location.search)
  return idToken
}

/**
 * Loads the page again when its address has got an ID token, which the new page takes: it also forgets the buyer that this
 * one remembers.
 */
export function reloadForIdentity(): void {
  if (location.hash.includes(IDENTITY)) location.reload()
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

const STOP_TOKEN = '#no-reminders='

/**
 * Takes the token of a mail's link that ends reminders; undefined for any other address. Removes it from the address, so that
 * no bookmark or copied link ends them again.
 */
export function takeStopToken(): string | undefined {
  if (!location.hash.startsWith(STOP_TOKEN)) return undefined
  const token = location.hash.slice(STOP_TOKEN.length)
  history.replaceState(null, '', location.pathname + location.search)
  return token
}
