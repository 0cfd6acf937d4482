import { AppError } from '@floodgate/runtime'

/** Builds the problem of a voucher outside its times, which it states. */
export function notValidNow({
  validFrom,
  validUntil,
}: {
  readonly validFrom: Date | null
  readonly validUntil: Date | null
}): AppError {
  return new AppError('voucher-not-valid', {
    members: { validFrom: validFrom?.toISOString() ?? null, validUntil: validUntil?.toISOString() ?? null },
  })
}
