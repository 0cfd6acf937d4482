import { buyerProof } from '@floodgate/contracts'
import type { KeyRing } from '@floodgate/runtime'
import type { BuyerProof } from '../gateway/payment-gateway.ts'
import { openSealed } from './open-payment-method.ts'

/** Opens what a buyer's browser brought back. Empty where no key opens it: the attempt is then only looked up. */
export type OpenProof = (sealed: string) => BuyerProof

export function createOpenProof(ring: KeyRing): OpenProof {
  return function openProof(sealed) {
    const opened = openSealed(ring, sealed)
    if (opened === undefined || opened === 'key-missing') return {}
    try {
      return buyerProof.parse(JSON.parse(opened.text))
    } catch {
      return {}
    }
  }
}
