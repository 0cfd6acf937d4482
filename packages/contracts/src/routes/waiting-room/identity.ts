import { z } from 'zod'
import {
  type IdentityRevocation,
  identityRevocation,
  identityRevocationList,
  identityRevocationRequest,
} from '../../http/identity.ts'
import { OPERATOR_ONLY } from '../auth.ts'
import { defineRoute, jsonBody, success } from '../define-route.ts'
import { queryInteger } from '../query-integer.ts'

const PAGE_MAX = 1_000
const tags = ['identity']
const ACCOUNT = { issuer: 'https://login.shop.example', subject: '4711' }
const REVOCATION: IdentityRevocation = {
  ...ACCOUNT,
  buyer: 'lNSgtZiYRTUeLonryGAE9Q',
  until: '2027-03-29T10:00:00.000Z',
  changedAt: '2027-03-28T10:00:00.000Z',
}

export const revokeIdentityRoute = defineRoute({
  method: 'post',
  path: '/admin/revocations',
  tags,
  summary: 'Revoke an account of the shop, or one of its ID tokens, in all sales; a repetition changes nothing',
  description:
    'Within 2 s joins, polls and sockets are rejected as `identity-revoked`, and the pass of an admitted buyer is revoked. ' +
    'By `subject` the account also loses its places in line. By `jti` it keeps a place that polls with another of its ID tokens; a ' +
    'turn whose pass was sent to the revoked one ends. A new `until` replaces the previous one.',
  auth: OPERATOR_ONLY,
  role: 'operator',
  request: { body: jsonBody(identityRevocationRequest, { ...ACCOUNT, until: REVOCATION.until, force: true }) },
  responses: {
    200: success('Changed, or unchanged', identityRevocation, { example: REVOCATION }),
    201: success('Revoked', identityRevocation, { example: REVOCATION }),
  },
  problems: {
    'time-past': '`until` is in the past, and `force` is not set',
    'revocations-full': true,
  },
})

const query = z.strictObject({
  before: z
    .string()
    .regex(/^[1-9]\d{0,17}$/, 'must be the `next` of a list')
    .optional(),
  limit: queryInteger(1, PAGE_MAX).default(100),
})

export const listIdentityRevocationsRoute = defineRoute({
  method: 'get',
  path: '/admin/revocations',
  tags,
  summary: 'Revoked accounts and ID tokens, the last changed first, page by page',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  request: { query },
  responses: {
    200: success('The revocations that have not ended', identityRevocationList, {
      example: { revocations: [REVOCATION], next: null },
    }),
  },
})
