import { CREDENTIALS, type Credential, type RouteContract } from '@floodgate/contracts'

const OPERATOR_TOKENS =
  "A person's token (`POST /admin/tokens`), or `ADMIN_TOKEN`, which has the role `admin`. The role that an operation names, or a later one " +
  'of `viewer`, `operator`, `admin`, is required.'

/** Describes every way to authenticate at one of the apps for OpenAPI. Cookie names are those over https. */
export const SECURITY_SCHEMES = {
  operator: { type: 'http', scheme: 'bearer', description: OPERATOR_TOKENS },
  shop: { type: 'http', scheme: 'bearer', description: "The token of the shop's server, `SHOP_TOKEN`." },
  ticket: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: "A ticket: the buyer's place in the line of one sale. Joining returns it.",
  },
  admission: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'An admission: the line returns it to a buyer whose turn has come.',
  },
  orderLink: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The token of the link in the mail about one order; it reads and cancels that order.',
  },
  buyerCookie: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-floodgate-buyer',
    description: 'The cookie of a buyer, set by the page of a sale and by joining; `floodgate-buyer` over http.',
  },
  ticketCookie: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Secure-floodgate-ticket',
    description: 'The ticket in a cookie of its sale, set by joining; `floodgate-ticket` over http.',
  },
  admissionCookie: {
    type: 'apiKey',
    in: 'cookie',
    name: 'floodgate_admission',
    description: 'An admission in a cookie.',
  },
  ticketProtocol: {
    type: 'apiKey',
    in: 'header',
    name: 'Sec-WebSocket-Protocol',
    description: '`floodgate.v1`, then the ticket as second subprotocol.',
  },
  admissionProtocol: {
    type: 'apiKey',
    in: 'header',
    name: 'Sec-WebSocket-Protocol',
    description: '`floodgate.v1`, then the admission as second subprotocol.',
  },
} as const satisfies Record<Credential, object>

/**
 * Returns the `auth` of a route in OpenAPI's form: alternatives, `{}` for a caller without any; with the role that an
 * operator needs (OpenAPI 3.1, Security Requirement Object).
 */
export function securityOf({ auth, role }: Pick<RouteContract, 'auth' | 'role'>): Record<string, string[]>[] {
  const rolesOf = (credential: Credential) => (credential === 'operator' && role !== undefined ? [role] : [])
  return auth.map((credential) => (credential === 'none' ? {} : { [credential]: rolesOf(credential) }))
}

/** Returns the schemes that these routes name. */
export function schemesOf(routes: readonly Pick<RouteContract, 'auth'>[]): readonly Credential[] {
  const named = new Set(routes.flatMap(({ auth }) => auth))
  return CREDENTIALS.filter((credential) => named.has(credential))
}
