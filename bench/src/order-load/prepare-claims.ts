import { z } from 'zod'
import { createAdmissionSigner } from './sign-admissions.ts'

/** The data of one claim of a voucher. */
export interface PreparedClaim {
  readonly admission: string
  readonly path: string
}

export const claimSeries = z.strictObject({
  /** The data directory of the system, with its signing key. */
  dataDir: z.string(),
  sale: z.string(),
  campaign: z.string(),
  /** Distinguishes the buyers of one series from another's. */
  label: z.string(),
})
type ClaimSeries = z.infer<typeof claimSeries>

/** Returns a function that makes the claim with a number: of its own buyer, in its own slot. It takes some 50 µs. */
export async function createClaimSeries({ dataDir, sale, campaign, label }: ClaimSeries) {
  const signAdmission = await createAdmissionSigner(dataDir, sale)
  return function claimOf(number: number): PreparedClaim {
    const name = `${label}-${number}`
    const admission = signAdmission({ buyer: `buyer-${name}`, slot: `slot-${name}` })
    return { admission, path: `/sales/${sale}/vouchers/${campaign}` }
  }
}
