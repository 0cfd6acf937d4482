/**
 * Stores the ID token that this tab came with: a page that is reloaded before it has joined, or whose buyer joins again,
 * needs it once more. Only for the tab, like its memory.
 */
export function openIdentity(sale: string, arrived: string | undefined) {
  const name = `floodgate-identity:${sale}`
  let idToken = arrived ?? recall()

  function recall(): string | undefined {
    try {
      return sessionStorage.getItem(name) ?? undefined
    } catch {
      return undefined // Storage is disabled.
    }
  }
  function keep(value: string | undefined): void {
    idToken = value
    try {
      if (value === undefined) sessionStorage.removeItem(name)
      else sessionStorage.setItem(name, value)
    } catch {
      // As above: a reload forgets it.
    }
  }
  keep(idToken)

  return {
    /** Returns the ID token to join with; undefined without one. */
    current: (): string | undefined => idToken,
    /** Forgets a rejected one: it would be rejected again. */
    drop: (): void => keep(undefined),
  }
}
export type Identity = ReturnType<typeof openIdentity>
