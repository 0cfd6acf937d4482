/** One buyer's permission to start one order, as signed by the waiting room. */
export interface Admission {
  /** The admitted buyer (`sub`). */
  readonly buyer: string
  /** The sale it is valid for (`sale`). */
  readonly sale: string
  /** The buyer's share of the shop's capacity (`jti`): one slot, one order. */
  readonly slot: string
  readonly issuedAt: Date
  /** The deadline for starting an order (`exp`). */
  readonly expiresAt: Date
}

const TEXT_MAX = 200

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= TEXT_MAX

/**
 * Reads the claims of a token whose signature, issuer and audience have been checked; undefined when one has the wrong
 * type.
 */
export function admissionOf(claims: Readonly<Record<string, unknown>>): Admission | undefined {
  const { sub, sale, jti, iat, exp } = claims
  if (!isText(sub) || !isText(sale) || !isText(jti)) return undefined
  if (typeof iat !== 'number' || typeof exp !== 'number') return undefined
  return {
    buyer: sub,
    sale,
    slot: jti,
    issuedAt: new Date(iat * 1_000),
    expiresAt: new Date(exp * 1_000),
  }
}
