import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** An answer that is known as a whole: what a use case hands to either way it may have been asked on. */
export interface PlainAnswer {
  readonly status: number
  /** Names in lower case; without `content-length`. */
  readonly headers: Readonly<Record<string, string>>
  /** `Set-Cookie` values: the one header that cannot be joined (RFC 9110 §5.3). */
  readonly cookies?: readonly string[]
  /** Null for an answer that has none, like 304. */
  readonly body: string | null
}

/** Answers a Hono request with it. */
export const answerPlainly = (c: Context, { status, headers, cookies = [], body }: PlainAnswer): Response => {
  for (const cookie of cookies) c.header('set-cookie', cookie, { append: true })
  // Hono's types know which statuses have no body; a plain answer says so by itself.
  return c.body(body as string, status as ContentfulStatusCode, { ...headers })
}
