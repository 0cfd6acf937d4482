/** Every way to authenticate at one of the apps; `packages/http` describes each for OpenAPI. */
export const CREDENTIALS = [
  'operator',
  'shop',
  'ticket',
  'admission',
  'orderLink',
  'buyerCookie',
  'ticketCookie',
  'admissionCookie',
  'ticketProtocol',
  'admissionProtocol',
] as const
export type Credential = (typeof CREDENTIALS)[number]

/** The credentials that a route accepts, any one of them; `none` for a caller without one. Empty: every caller. */
export type Auth = readonly (Credential | 'none')[]

/** The credentials of a route that only servers and people of the shop call. */
export type OperatorAuth = readonly ['operator'] | readonly ['operator', 'shop']
/** The credentials of any other route. */
export type BuyerAuth = readonly (Exclude<Credential, 'operator' | 'shop'> | 'none')[]

export const EVERYBODY: BuyerAuth = []
export const OPERATOR_ONLY: readonly ['operator'] = ['operator']
/** The operator, or the shop's own server. */
export const OPERATOR_OR_SHOP: readonly ['operator', 'shop'] = ['operator', 'shop']
/** A buyer with an admission. */
export const ADMITTED: BuyerAuth = ['admission']
/** The credentials that identify a buyer in the line. */
export const BUYER: BuyerAuth = ['ticket', 'buyerCookie', 'ticketCookie']

/** Tells whether only servers call a route: the operator, and for some also the shop. */
export function isForOperators(auth: Auth): boolean {
  return auth.includes('operator') && auth.every((credential) => credential === 'operator' || credential === 'shop')
}
