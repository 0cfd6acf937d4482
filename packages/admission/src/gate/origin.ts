import type { GateRequest } from './request.ts'

/** The place of a request: the origin that its buyer sees, and the sale that its pass must be of. */
export interface Place {
  readonly origin: string | undefined
  /** Undefined: any sale. */
  readonly sale: string | undefined
}

export interface OriginOptions {
  readonly origin?: string
  readonly trustProxy?: boolean
}

const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/

/**
 * Computes the origin that the buyer's browser sees: the one of the options, else of `X-Forwarded-*` if proxies are
 * trusted, else of the `Host` header and the connection. Undefined without a usable host.
 */
export function originOf(request: GateRequest, options: OriginOptions): string | undefined {
  if (options.origin !== undefined) return options.origin.replace(/\/$/, '')
  const forwarded = (name: string) =>
    options.trustProxy === true ? request.header(name)?.split(',')[0]?.trim().toLowerCase() : undefined
  const host = forwarded('x-forwarded-host') ?? request.header('host')?.toLowerCase()
  const scheme = forwarded('x-forwarded-proto') ?? (request.secure ? 'https' : 'http')
  if (host === undefined || !HOST.test(host) || !/^https?$/.test(scheme)) return undefined
  // As browsers write it: without the default port.
  return `${scheme}://${host.replace(scheme === 'https' ? /:443$/ : /:80$/, '')}`
}

/** Tells whether cookies of this origin must do without `Secure`: plain http on the developer's own machine. */
export function isLocalHttp(origin: string | undefined): boolean {
  return /^http:\/\/(?:(?:[^:/]+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(origin ?? '')
}
