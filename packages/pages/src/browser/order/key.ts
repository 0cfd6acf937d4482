const nameOf = (order: string) => `floodgate:order:${order}`

/**
 * Returns the key of a mail's link: from the address' fragment, which no server sees and which is removed at once, or
 * from this tab, so that it survives a reload. Undefined without one.
 */
export function takeKey(order: string): string | undefined {
  const given = new URLSearchParams(location.hash.slice(1)).get('key')
  // A mail program may have broken the line. The rest of a damaged key is rejected like any other.
  const fromAddress = given === null ? undefined : given.replaceAll(/[^\x21-\x7e]/g, '') || 'damaged'
  if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search)
  try {
    if (fromAddress !== undefined) sessionStorage.setItem(nameOf(order), fromAddress)
    return sessionStorage.getItem(nameOf(order)) ?? undefined
  } catch {
    return fromAddress // Storage is blocked: the key lives as long as the page.
  }
}

/** Forgets a key that is no longer valid. */
export function forgetKey(order: string): void {
  try {
    sessionStorage.removeItem(nameOf(order))
  } catch {
    // Storage is blocked: see above.
  }
}
