import { idempotencyKey } from '@floodgate/contracts'
import { parseOrThrow } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import { z } from 'zod'

const keyHeader = z.object({ 'Idempotency-Key': idempotencyKey })

/** Returns the idempotency key of a request. Throws `key-missing`, or `invalid-request` for one that is not allowed. */
export function readKey(header: string | undefined): string {
  if (header === undefined || header === '') throw new AppError('key-missing')
  return parseOrThrow(keyHeader, { 'Idempotency-Key': header })['Idempotency-Key']
}
