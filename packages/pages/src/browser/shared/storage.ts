/** What this browser lets the page store. */
export interface Kept {
  /** Cookies as the server sets them: they keep the place across tabs and visits. */
  readonly cookies: boolean
  /** The storage of this tab: it survives a reload. */
  readonly tab: boolean
}

/** The attributes of the server's cookies. */
export interface CookieKind {
  readonly secure: boolean
  /** Stored also in a frame of another site, in a jar for that site. */
  readonly framed: boolean
}

const PROBE = 'floodgate-probe'

/**
 * Tells whether a cookie with the attributes of the buyer's is stored. `navigator.cookieEnabled` does not reveal that a
 * browser rejects `Secure` cookies of a page over plain http.
 */
function keepsCookies({ secure, framed }: CookieKind): boolean {
  const sameSite = secure && framed ? 'None; Partitioned' : 'Lax'
  const attributes = `Path=/; SameSite=${sameSite}${secure ? '; Secure' : ''}`
  try {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API exists in secure contexts only.
    document.cookie = `${PROBE}=1; ${attributes}`
    const kept = document.cookie.includes(`${PROBE}=1`)
    // biome-ignore lint/suspicious/noDocumentCookie: as above.
    document.cookie = `${PROBE}=; Max-Age=0; ${attributes}`
    return kept
  } catch {
    return false // A sandboxed frame may not even ask.
  }
}

function keepsTab(): boolean {
  try {
    sessionStorage.setItem(PROBE, '1')
    sessionStorage.removeItem(PROBE)
    return true
  } catch {
    return false // Disabled, or full.
  }
}

/** Tests what the browser stores. */
export function tryStorage(kind: CookieKind): Kept {
  return { cookies: keepsCookies(kind), tab: keepsTab() }
}
