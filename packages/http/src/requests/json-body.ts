import { AppError } from '@floodgate/runtime'
import type { Context } from 'hono'
import { z } from 'zod'
import { parseOrThrow } from './invalid-request.ts'

/** The body of a route without one. Shared, because zod compiles each schema at its first use. */
export const EMPTY_BODY = z.strictObject({})

/** Larger bodies are rejected with 413 before they are read completely. */
export const BODY_BYTES_MAX = 16 * 1024

/** Reads a body as text. Rejects with 413 above the bound. */
export async function readBounded(request: Request, bytesMax: number): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw new AppError('too-large')
  if (request.headers.has('content-length')) return await request.text()
  // A chunked body has no known length, so reading stops at the bound.
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > bytesMax) throw new AppError('too-large')
    chunks.push(chunk)
  }
  // Decodes as `text()` does: without a byte order mark.
  return new TextDecoder().decode(Buffer.concat(chunks))
}

const mediaTypeOf = (contentType: string | null | undefined): string | undefined =>
  contentType?.split(';', 1)[0]?.trim().toLowerCase()

/** The media types that a form of any site may send without a CORS preflight (Fetch §2.2.2). */
const FORM_TYPES = new Set(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'])

/** Rejects a form with 415, even an empty one. A missing optional body is not a form. */
export function rejectForm(contentType: string | null | undefined): void {
  if (FORM_TYPES.has(mediaTypeOf(contentType) ?? '')) throw new AppError('wrong-media-type')
}

/**
 * Reads and validates a JSON body. Rejects with 415 (media type), 413 (over `bytesMax`), 400 (not JSON, or breaks the
 * schema). `optional`: a missing body counts as `{}`.
 */
export async function readJsonBody<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
  { bytesMax = BODY_BYTES_MAX, optional = false }: { bytesMax?: number | undefined; optional?: boolean } = {},
): Promise<z.infer<Schema>> {
  const { raw } = c.req
  const contentType = raw.headers.get('content-type')
  const body = await readBounded(raw, bytesMax)
  if (body === '' && optional) {
    rejectForm(contentType)
    return parseOrThrow(schema, {})
  }
  if (mediaTypeOf(contentType) !== 'application/json') throw new AppError('wrong-media-type')
  return parseJson(body, schema)
}

/** Validates the text of a JSON body. Rejects invalid JSON, and values that break the schema, with 400. */
export function parseJson<Schema extends z.ZodType>(body: string, schema: Schema): z.infer<Schema> {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch (cause) {
    throw new AppError('invalid-request', {
      detail: 'The body is not valid JSON.',
      members: { errors: [{ pointer: '', message: 'must be valid JSON' }] },
      cause,
    })
  }
  return parseOrThrow(schema, value)
}
