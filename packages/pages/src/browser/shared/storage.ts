/** What this browser lets the page keep. */
export interface Kept {
  /** Cookies as the server sets them: they hold the place over tabs and visits. */
  readonly cookies: boolean
  /** The storage of this tab: it survives a reload. */
  readonly tab: boolean
}

/** The attributes of the server's cookies. */
export interface CookieKind {
  readonly secure: boolean
  /** Kept also in a frame of another site, in a jar for that site. */
  readonly framed: boolean
}

const PROBE = 'floodgate-probe'

/**
 * Whether a cookie with the attributes of the buyer's is kept. `navigator.cookieEnabled` alone does not know that a browser
 * refuses `Secure` cookies of a page that came over plain http.
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
    return false // A frame in a sandbox may not even ask.
  }
}

function keepsTab(): boolean {
  try {
    sessionStorage.setItem(PROBE, '1')
    sessionStorage.removeItem(PROBE)
    return true
  } catch {
    return false // Switched off, or full.
  }
}

/** Tries what the browser keeps. */
export function tryStorage(kind: CookieKind): Kept {
  return { cookies: keepsCookies(kind), tab: keepsTab() }
}
