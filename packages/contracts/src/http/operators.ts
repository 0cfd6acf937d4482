import { z } from 'zod'
import { problemCode } from '../problems.ts'
import { ROLES } from '../roles.ts'
import { text, timestamp, uuid } from '../scalars.ts'

const NAME_CHARACTERS_MAX = 80
const TOKEN_DAYS = 90
export const TOKEN_DAYS_MAX = 366

/** The audit has these names for the tokens of the settings. */
const RESERVED_NAMES = new Set(['ADMIN_TOKEN', 'SHOP_TOKEN'])

export const role = z.enum(ROLES)

/** A person or a program that operates Floodgate, with a token of its own. */
export const operatorTokenRequest = z.strictObject({
  name: text(NAME_CHARACTERS_MAX)
    .refine((name) => !RESERVED_NAMES.has(name.trim().toUpperCase()), 'must not be the name of a token of the settings')
    .describe('Whose token it is; the audit names it. Not the name of a token of the settings'),
  role,
  days: z.int().min(1).max(TOKEN_DAYS_MAX).default(TOKEN_DAYS).describe('Days until it expires'),
})
export type OperatorTokenRequest = z.infer<typeof operatorTokenRequest>

/** A token as stored: never with its secret. */
export const operatorToken = z.strictObject({
  id: uuid,
  name: z.string(),
  role,
  createdAt: timestamp,
  /** Name of the token that created it. */
  createdBy: z.string(),
  expiresAt: timestamp,
  /** Null while it is not revoked. */
  revokedAt: timestamp.nullable(),
})
export type OperatorToken = z.infer<typeof operatorToken>

export const operatorTokenList = z.strictObject({ tokens: z.array(operatorToken) })

/** A new token. `token` is shown once: only its hash is stored. */
export const createdOperatorToken = operatorToken.extend({ token: z.string() })
export type CreatedOperatorToken = z.infer<typeof createdOperatorToken>

/** The caller of an operator's route: the id of its token, `ADMIN_TOKEN` or `SHOP_TOKEN`. */
export const ownToken = z.strictObject({
  id: z.string(),
  name: z.string(),
  role,
  /** Null for `ADMIN_TOKEN`, which does not expire. */
  expiresAt: timestamp.nullable(),
})
export type OwnToken = z.infer<typeof ownToken>

/** One state-changing request of an operator, also a rejected one. */
export const auditEntry = z.strictObject({
  id: z.string(),
  at: timestamp,
  app: z.string(),
  token: z.strictObject({ id: z.string(), name: z.string(), role: role.nullable().describe('Null for the shop') }),
  method: z.string(),
  /** The path of the route, with its parameters in braces. */
  route: z.string(),
  /** The parameters of the path. */
  target: z.record(z.string(), z.string()),
  sale: z.string().nullable().describe('The sale, where the path names one'),
  /** The trace id, also in the log lines and the problem of the request. */
  traceId: z.string(),
  /** Address of the client, as limits count it. */
  client: z.string(),
  status: z.int(),
  /** The code of its problem; null after a success. */
  code: problemCode.nullable(),
})
export type AuditEntry = z.infer<typeof auditEntry>

export const auditPage = z.strictObject({
  entries: z.array(auditEntry),
  /** Continues the list; null at its end. */
  next: z.string().nullable(),
})
