/** Every way to authenticate at one of the apps; `packages/http` describes each for OpenAPI. */
export const CREDENTIALS = [
  'operator',
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

/** Who may call a route: the holder of any of these credentials; `none` for a caller without one. Empty: every caller. */
export type Auth = readonly (Credential | 'none')[]

export const EVERYBODY: Auth = []
export const OPERATOR_ONLY: Auth = ['operator']
/** The credentials that identify a buyer in the line. */
export const BUYER: Auth = ['ticket', 'buyerCookie', 'ticketCookie']

export function isForOperators(auth: Auth): boolean {
  return auth.length > 0 && auth.every((credential) => credential === 'operator')
}
