/** The part of a request that the gate reads, in every framework. Created by {@link gateRequest}. */
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

/** Creates a request from its parts. `target` may be an absolute URL, as proxies send it (RFC 9112 §3.2.2). */
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

/** Prefix of the gate's parameters in URLs of the shop, and of its headers. */
export const PARAMETER = 'floodgate'
/** The request header with the token that permits a diagnosis. */
export const DIAGNOSIS_HEADER = 'floodgate-diagnosis'
