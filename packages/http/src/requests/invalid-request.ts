import { AppError } from '@floodgate/runtime'
import type { z } from 'zod'

const escapePointer = (part: PropertyKey) => String(part).replaceAll('~', '~0').replaceAll('/', '~1')

const ERRORS_MAX = 20

/** Creates `invalid-request` with a JSON Pointer (RFC 6901) for each of the first 20 faults. */
export function invalidRequest(error: z.ZodError): AppError {
  return new AppError('invalid-request', {
    members: {
      errors: error.issues.slice(0, ERRORS_MAX).map((issue) => ({
        pointer: issue.path.map((part) => `/${escapePointer(part)}`).join(''),
        message: issue.message,
      })),
    },
  })
}

/** Parses a value, or throws `invalid-request`. */
export function parseOrThrow<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw invalidRequest(parsed.error)
  return parsed.data
}
