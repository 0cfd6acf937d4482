/** What the gate reads of a request, in every framework. Made by {@link gateRequest}. */
export interface GateRequest {
  readonly method: string
  /** Path and query, byte for byte as they arrived. */
  readonly target: string
  /** The path of `target`, not decoded. */
  readonly path: string
  /** The connection itself is https. */
  readonly secure: boolean
  /** Reads a header by its name in lower case. */
  header(name: string): string | undefined
  /** The framework's own request (Hono: its context), for functions of the options. */
  readonly raw?: unknown
}

/** Makes a request of its parts. `target` may be an absolute URL, as proxies send it (RFC 9112 §3.2.2). */
export function gateRequest(parts: Omit<GateRequest, 'path'>): GateRequest {
  const target = pathAndQueryOf(parts.target)
  const end = target.search(/[?#]/)
  return {
    method: parts.method,
    target,
    path: end < 0 ? target : target.slice(0, end),
    secure: parts.secure,
    header: parts.header,
    raw: parts.raw,
  }
}

const pathAndQueryOf = (target: string): string => {
  if (target.startsWith('/')) return target
  const rest = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** Our parameters in URLs of the shop. */
const PARAMETER = 'floodgate'
const REFUSED_PARAMETER = 'floodgate-refused'
/** The value of our parameter that asks whether a cookie was kept. */
export const COOKIE_CHECK = 'cookie'

/** The target of a request and what of ours was in its query. */
export interface ReadTarget {
  /** The target without our parameters; all other bytes are kept. */
  readonly clean: string
  /** The last value of our parameter. */
  readonly value: string | undefined
  readonly wasRefused: boolean
}

/** Takes our parameters out of a target. */
export function readTarget(target: string): ReadTarget {
  const at = target.indexOf('?')
  if (at < 0 || !target.includes(PARAMETER, at)) return { clean: target, value: undefined, wasRefused: false }
  let value: string | undefined
  let wasRefused = false
  const kept = target
    .slice(at + 1)
    .split('&')
    .filter((pair) => {
      const [name, ...rest] = pair.split('=')
      if (name === PARAMETER) value = rest.join('=')
      if (name === REFUSED_PARAMETER) wasRefused = true
      return name !== PARAMETER && name !== REFUSED_PARAMETER
    })
  const path = target.slice(0, at)
  return { clean: kept.length === 0 ? path : `${path}?${kept.join('&')}`, value, wasRefused }
}

/** Adds our parameter to a URL. */
export function withCookieCheck(url: string): string {
  return withParameter(url, `${PARAMETER}=${COOKIE_CHECK}`)
}

/** Marks a URL of which the buyer was turned away with a pass that did not count. */
export function withRefusal(url: string): string {
  return withParameter(url, `${REFUSED_PARAMETER}=1`)
}

const withParameter = (url: string, parameter: string): string => `${url}${url.includes('?') ? '&' : '?'}${parameter}`

/** Tells whether a browser is going to show the response as a page. Browsers send `Sec-Fetch-Mode` over https. */
export function isNavigation({ method, header }: GateRequest): boolean {
  const mode = header('sec-fetch-mode')
  if (mode !== undefined) return mode === 'navigate'
  return (method === 'GET' || method === 'POST') && (header('accept') ?? '').includes('text/html')
}

/** Escapes what must not stand in a header. */
export function asciiTarget(target: string): string {
  return target.replace(
    /[^\x21-\x7e]/g,
    (character) => `%${(character.charCodeAt(0) & 0xff).toString(16).padStart(2, '0')}`,
  )
}

/** Keeps `//host` from being read as another host. */
export function relativeUrl(target: string): string {
  return /^\/[/\\]/.test(target) ? `/.${target}` : target
}
