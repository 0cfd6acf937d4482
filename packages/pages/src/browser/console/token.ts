const name = 'floodgate:operator'

/** Where the browser keeps nothing, the token lives as long as the page. */
let held: string | undefined

/** The operator's token: from the address' fragment, which no server sees and which is removed at once, or from this tab. */
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
    // Blocked: see above.
  }
}

export function forgetToken(): void {
  held = undefined
  try {
    sessionStorage.removeItem(name)
  } catch {
    // Blocked: there is nothing to forget.
  }
}
