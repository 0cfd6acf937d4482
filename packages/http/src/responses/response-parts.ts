import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** A whole response as plain data: what a handler returns, whichever transport carried the request. */
export interface ResponseParts {
  readonly status: number
  /** Names in lower case; without `content-length`. */
  readonly headers: Readonly<Record<string, string>>
  /** `Set-Cookie` values: the one header that cannot be joined (RFC 9110 §5.3). */
  readonly cookies?: readonly string[]
  /** Null for a response without a body, such as 304. */
  readonly body: string | null
}

/** Converts the parts to the response of a Hono request. */
export function respond(c: Context, { status, headers, cookies = [], body }: ResponseParts): Response {
  for (const cookie of cookies) c.header('set-cookie', cookie, { append: true })
  // Hono's types know which statuses have no body; these parts carry that themselves.
  return c.body(body as string, status as ContentfulStatusCode, { ...headers })
}
