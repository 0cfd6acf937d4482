import { AppError } from '@floodgate/runtime'
import type { Context } from 'hono'
import { z } from 'zod'
import { parseOrThrow } from './invalid-request.ts'

/** The body of a route that takes none. A schema is made once: zod compiles each at its first use. */
export const EMPTY_BODY = z.strictObject({})

/** Bodies above this many bytes are refused with 413 before they are read whole. */
export const BODY_BYTES_MAX = 16 * 1024

const readBounded = async (request: Request, bytesMax: number): Promise<string> => {
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw new AppError('too-large')
  if (request.headers.has('content-length')) return await request.text()
  // Chunked: the length is only known by reading, so read no further than the bound.
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > bytesMax) throw new AppError('too-large')
    chunks.push(chunk)
  }
  // As `text()` does: without a byte order mark.
  return new TextDecoder().decode(Buffer.concat(chunks))
}

const mediaTypeOf = (contentType: string | null | undefined): string | undefined =>
  contentType?.split(';', 1)[0]?.trim().toLowerCase()

/** What a form of any site may send without CORS asking first (Fetch §2.2.2). */
const FORM_TYPES = new Set(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'])

/** Refuses with 415 what a form sends, however empty: no body where one may be missing is not a form's. */
export function refuseForm(contentType: string | null | undefined): void {
  if (FORM_TYPES.has(mediaTypeOf(contentType) ?? '')) throw new AppError('wrong-media-type')
}

/**
 * Reads and validates a JSON body. Refuses with 415 (media type), 413 (over `bytesMax`), 400 (not JSON, or breaks the
 * schema). `optional`: no body at all counts as `{}`.
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
    refuseForm(contentType)
    return parseOrThrow(schema, {})
  }
  if (mediaTypeOf(contentType) !== 'application/json') throw new AppError('wrong-media-type')
  return parseJson(body, schema)
}

/** Validates the text of a JSON body. Refuses with 400 what is not JSON, or breaks the schema. */
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
