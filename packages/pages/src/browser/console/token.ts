const name = 'floodgate:operator'

/** Used where the browser stores nothing: the token then lives as long as the page. */
let held: string | undefined

/**
 * Returns the operator's token: from the address' fragment, which no server sees and which is removed at once, or from
 * this tab.
 */
export function takeToken(): string | undefined {
  const fromAddress = new URLSearchParams(location.hash.slice(1)).get('token')
  if (fromAddress !== null) {
    keepToken(fromAddress)
    history.replaceState(null, '', location.pathname)
  }
  try {
    return sessionStorage.getItem(name) ?? held
  } catch {
    return held
  }
}

export function keepToken(token: string): void {
  held = token
  try {
    sessionStorage.setItem(name, token)
  } catch {
    // Storage is blocked: see above.
  }
}

export function forgetToken(): void {
  held = undefined
  try {
    sessionStorage.removeItem(name)
  } catch {
    // Storage is blocked: there is nothing to forget.
  }
}
