import { createBuyerCookie } from './buyer-cookie.ts'
import { createEndedPasses } from './ended-pass.ts'
import { createIdentify } from './identify.ts'
import type { KeySet } from './key-set.ts'
import { createAdmissionSigner } from './sign-admission.ts'
import { createShopTokens } from './sign-handover.ts'
import { createTicketCookie } from './ticket-cookie.ts'
import { createTickets } from './tickets.ts'
import { createAdmissionVerification } from './verify-admission.ts'

export interface TokenSettings {
  readonly publicUrl: string
  readonly admissionIssuer: string
  readonly admissionAudience: string
}

/** Creates the credentials of buyers and the signers of their tokens, all with one set of keys. */
export function createTokens(settings: TokenSettings, keys: () => KeySet) {
  const { publicUrl, admissionIssuer: issuer, admissionAudience: audience } = settings
  const tickets = createTickets(keys)
  const cookie = createBuyerCookie({ keys, publicUrl })
  const accountCookie = createBuyerCookie({ keys, publicUrl, owner: 'account' })
  const ticketCookie = createTicketCookie({ publicUrl })
  return {
    tickets,
    cookie,
    accountCookie,
    ticketCookie,
    identify: createIdentify({ tickets, cookie, accountCookie, ticketCookie }),
    signAdmission: createAdmissionSigner({ keys, issuer, audience }),
    shopTokens: createShopTokens({ keys, issuer, audience }),
    verifyAdmission: createAdmissionVerification({ keys, issuer, audience }),
    endedPassOf: createEndedPasses({ keys, issuer, audience }),
    /** Names the key that signs admissions now. */
    kid: () => keys().admissionKey(Date.now()).kid,
  }
}
