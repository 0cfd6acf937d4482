import { buyerProof } from '@floodgate/contracts'
import type { KeyRing } from '@floodgate/runtime'
import type { BuyerProof } from '../gateway/payment-gateway.ts'
import { openSealed } from './open-payment-method.ts'

/**
 * Opens what a buyer's browser brought back. Empty where it is damaged: the attempt is then only looked up. A missing key
 * may come with the next start, or another worker has it.
 */
export type OpenProof = (sealed: string) => BuyerProof | 'key-missing'

export function createOpenProof(ring: KeyRing): OpenProof {
  return function openProof(sealed) {
    const opened = openSealed(ring, sealed)
    if (opened === 'key-missing') return opened
    if (opened === undefined) return {}
    try {
      return buyerProof.parse(JSON.parse(opened.text))
    } catch {
      return {}
    }
  }
}
