import { z } from 'zod'
import {
  type AuditEntry,
  auditPage,
  createdOperatorToken,
  type OperatorToken,
  operatorToken,
  operatorTokenList,
  operatorTokenRequest,
  ownToken,
} from '../../http/operators.ts'
import { saleId, text, uuid } from '../../scalars.ts'
import { OPERATOR_ONLY } from '../auth.ts'
import { defineRoute, jsonBody, success } from '../define-route.ts'
import { queryInteger } from '../query-integer.ts'

const PAGE_MAX = 1_000
const TOKEN_ID_CHARACTERS_MAX = 40
const tags = ['operators']
const TOKEN: OperatorToken = {
  id: '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b',
  name: 'Ada, night shift',
  role: 'operator',
  createdAt: '2027-03-28T10:00:00.000Z',
  createdBy: 'ADMIN_TOKEN',
  expiresAt: '2027-06-26T10:00:00.000Z',
  revokedAt: null,
}
const AUDIT_ENTRY: AuditEntry = {
  id: '4711',
  at: '2027-03-28T10:00:35.120Z',
  app: 'waiting-room',
  token: { id: TOKEN.id, name: TOKEN.name, role: TOKEN.role },
  method: 'POST',
  route: '/admin/sales/{sale}/pause',
  target: { sale: 'demo' },
  sale: 'demo',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  client: '192.0.2.7',
  status: 200,
  code: null,
}

export const readOwnTokenRoute = defineRoute({
  method: 'get',
  path: '/admin/me',
  tags,
  summary: 'The token of this request: its name and role',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  responses: {
    200: success('The token', ownToken, {
      example: { id: TOKEN.id, name: TOKEN.name, role: TOKEN.role, expiresAt: TOKEN.expiresAt },
    }),
  },
})

export const listTokensRoute = defineRoute({
  method: 'get',
  path: '/admin/tokens',
  tags,
  summary: 'The operator tokens: those in force, then expired and revoked ones, each newest first, at most 1,000',
  auth: OPERATOR_ONLY,
  role: 'admin',
  responses: {
    200: success('The tokens, also expired and revoked ones', operatorTokenList, { example: { tokens: [TOKEN] } }),
  },
})

export const createTokenRoute = defineRoute({
  method: 'post',
  path: '/admin/tokens',
  tags,
  summary: 'Create an operator token; a repetition creates another one',
  description: 'The response has the token, once: only its SHA-256 is stored. All apps accept it at once.',
  auth: OPERATOR_ONLY,
  role: 'admin',
  request: { body: jsonBody(operatorTokenRequest, { name: TOKEN.name, role: 'operator', days: 90 }) },
  responses: {
    201: success('The token', createdOperatorToken, {
      example: { ...TOKEN, token: 'fgop_3q2-7wAAQm5vdGhpbmctdG8tc2VlLWhlcmUtbW92ZS1vbi0' },
    }),
  },
  problems: { 'tokens-full': true },
})

export const revokeTokenRoute = defineRoute({
  method: 'delete',
  path: '/admin/tokens/{id}',
  tags,
  summary: 'Revoke an operator token; safe to repeat',
  description: 'Every process rejects it within three seconds.',
  auth: OPERATOR_ONLY,
  role: 'admin',
  request: { params: z.object({ id: uuid }) },
  responses: {
    200: success('The token', operatorToken, { example: { ...TOKEN, revokedAt: '2027-03-28T11:00:00.000Z' } }),
  },
  problems: { 'not-found': true },
})

export const listAuditRoute = defineRoute({
  method: 'get',
  path: '/admin/audit',
  tags,
  summary: 'Who did what: every state-changing operator request to any app, the newest first, page by page',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  request: {
    query: z.strictObject({
      before: z
        .string()
        .regex(/^[1-9]\d{0,17}$/, 'must be the `next` of a list')
        .optional(),
      limit: queryInteger(1, PAGE_MAX).default(100),
      sale: saleId.optional(),
      token: text(TOKEN_ID_CHARACTERS_MAX).optional().describe('Id of a token'),
    }),
  },
  responses: { 200: success('The entries', auditPage, { example: { entries: [AUDIT_ENTRY], next: null } }) },
})
