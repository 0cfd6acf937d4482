/** What this browser lets the page keep. */
export interface Kept {
  /** Cookies as the server sets them: they hold the place over tabs and visits. */
  readonly cookies: boolean
  /** The storage of this tab: it survives a reload. */
  readonly tab: boolean
}

const PROBE = 'floodgate-probe'

/**
 * Whether a cookie with the attributes of the buyer's is kept. `navigator.cookieEnabled` alone does not know that a browser
 * refuses `Secure` cookies of a page that came over plain http.
 */
function keepsCookies(secure: boolean): boolean {
  const attributes = `Path=/; SameSite=Lax${secure ? '; Secure' : ''}`
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

/** Tries what the browser keeps. `secure`: the server's cookies are `Secure`. */
export function tryStorage({ secure }: { readonly secure: boolean }): Kept {
  return { cookies: keepsCookies(secure), tab: keepsTab() }
}
