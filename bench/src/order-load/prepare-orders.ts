import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { OrderRequest } from '@floodgate/contracts'
import { importJWK, SignJWT } from 'jose'
import { z } from 'zod'

/** The data of one `POST /orders`: an admission, a key and a body. */
export const preparedOrder = z.object({ admission: z.string(), key: z.string(), body: z.string() })
export type PreparedOrder = z.infer<typeof preparedOrder>

/** The part of the private key file that signs admissions: Ed25519, in the form of RFC 8037. */
const keyFile = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })) })

const ISSUER = 'floodgate'
const AUDIENCE = 'order-core'
const SIGNED_AT_ONCE = 500
const LIFETIME_SECONDS = 3_600

/**
 * Signs admissions with a system's own signing key, each for another buyer and another slot, and an order for each;
 * SKUs alternate. Admissions that a line would give in minutes are available at once, so that only checkout is measured.
 */
export async function prepareOrders(options: {
  readonly dataDir: string
  readonly sale: string
  readonly count: number
  readonly skus: readonly string[]
  /** Distinguishes the buyers of one call from another's. */
  readonly label: string
  readonly paymentMethod?: string
}): Promise<PreparedOrder[]> {
  const { sale, count, skus, label, paymentMethod = 'sim_ok' } = options
  const sign = await createSigner(options.dataDir, sale)
  const orders: PreparedOrder[] = []
  while (orders.length < count) {
    const size = Math.min(SIGNED_AT_ONCE, count - orders.length)
    const batch = Array.from({ length: size }, async (_, index): Promise<PreparedOrder> => {
      const number = orders.length + index
      const request: OrderRequest = {
        items: [{ sku: skus[number % skus.length] ?? 'COAT', quantity: 1 }],
        email: `buyer-${number}@example.org`,
        paymentMethod,
      }
      const name = `${label}-${number}`
      const admission = await sign({ buyer: `buyer-${name}`, slot: `slot-${name}` })
      return { admission, key: `key-${name}`, body: JSON.stringify(request) }
    })
    orders.push(...(await Promise.all(batch)))
  }
  return orders
}

/** Writes one JSON array, for load generators in separate processes. */
export async function writeOrders(file: string, orders: readonly PreparedOrder[]): Promise<void> {
  await writeFile(file, JSON.stringify(orders))
}

async function createSigner(dataDir: string, sale: string) {
  const { keys } = keyFile.parse(JSON.parse(await readFile(join(dataDir, 'keys.json'), 'utf8')))
  const jwk = keys.find(({ kty }) => kty === 'OKP')
  if (jwk === undefined) throw new Error('The key file has no key that signs admissions.')
  const key = await importJWK(jwk, 'EdDSA')
  const issuedAt = Math.floor(Date.now() / 1_000)
  return function sign({ buyer, slot }: { readonly buyer: string; readonly slot: string }): Promise<string> {
    return new SignJWT({ sale })
      .setProtectedHeader({ alg: 'EdDSA', kid: jwk.kid, typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(buyer)
      .setJti(slot)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + LIFETIME_SECONDS)
      .sign(key)
  }
}
