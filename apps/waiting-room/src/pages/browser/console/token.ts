const name = 'floodgate:operator'

/** The operator's token: from the address' fragment, which no server sees and which is removed at once, or from this tab. */
export const takeToken = (): string | undefined => {
  const fromAddress = new URLSearchParams(location.hash.slice(1)).get('token')
  if (fromAddress !== null) {
    sessionStorage.setItem(name, fromAddress)
    history.replaceState(null, '', location.pathname)
  }
  return sessionStorage.getItem(name) ?? undefined
}

export const keepToken = (token: string): void => sessionStorage.setItem(name, token)
export const forgetToken = (): void => sessionStorage.removeItem(name)
