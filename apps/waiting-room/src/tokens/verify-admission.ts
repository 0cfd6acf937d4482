import { saleId } from '@floodgate/contracts'
import { bearerToken } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import { errors, jwtVerify } from 'jose'
import { z } from 'zod'
import type { KeySet } from './key-set.ts'

/** An admission that this waiting room signed. */
export interface ShownAdmission {
  readonly sale: string
  readonly buyer: string
  readonly slot: string
}

/**
 * Verifies the bearer admission of a request for a sale. Throws `admission-missing`, `admission-invalid` (not signed
 * with a current key, another type of token, another issuer, audience or sale), or `admission-expired`.
 */
export type VerifyAdmission = (
  authorization: string | undefined,
  accepted: {
    readonly sale: string
    /** How long after its expiry an admission still counts. */
    readonly expiredForSeconds: number
  },
) => Promise<ShownAdmission>

const name = z.string().min(1).max(200)
const claims = z.object({ sale: saleId, sub: name, jti: name, iat: z.number(), exp: z.number() })

export function createAdmissionVerification(options: {
  keys(): KeySet
  readonly issuer: string
  readonly audience: string
  now?(): number
}): VerifyAdmission {
  const { keys, issuer, audience, now = Date.now } = options

  async function claimsOf(token: string, expiredForSeconds: number): Promise<z.output<typeof claims>> {
    try {
      const { payload, protectedHeader } = await jwtVerify(
        token,
        ({ kid = '' }) => {
          const key = keys().admissionKeyById(kid)
          if (key === undefined) throw rejection('admission-invalid')
          return key.publicKey
        },
        {
          ...{ algorithms: ['EdDSA'], issuer, audience, clockTolerance: expiredForSeconds },
          ...{ requiredClaims: ['exp', 'iat'], currentDate: new Date(now()) },
        },
      )
      if ((protectedHeader.typ ?? 'JWT') !== 'JWT') throw rejection('admission-invalid')
      return claims.parse(payload)
    } catch (error) {
      // Expired, but genuine otherwise: the expiry is checked last.
      if (error instanceof errors.JWTExpired) throw rejection('admission-expired')
      throw rejection('admission-invalid')
    }
  }

  return async function verifyAdmission(authorization, { sale, expiredForSeconds }) {
    const token = bearerToken(authorization)
    if (token === undefined) throw rejection(authorization === undefined ? 'admission-missing' : 'admission-invalid')
    const read = await claimsOf(token, expiredForSeconds)
    if (read.sale !== sale) throw rejection('admission-invalid')
    return { sale, buyer: read.sub, slot: read.jti }
  }
}

function rejection(code: 'admission-missing' | 'admission-invalid' | 'admission-expired'): AppError {
  const value = code === 'admission-missing' ? 'Bearer' : 'Bearer error="invalid_token"'
  return new AppError(code, { headers: { 'www-authenticate': value } })
}
