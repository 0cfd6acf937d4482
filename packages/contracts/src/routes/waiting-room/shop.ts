import { z } from 'zod'
import { diagnosisRequest, diagnosisToken, handover, handoverRequest, passExtension } from '../../http/shop.ts'
import { extensionRequest } from '../../http/waiting-room.ts'
import { saleId, text } from '../../scalars.ts'
import { ADMITTED, BUYER, OPERATOR_ONLY, OPERATOR_OR_SHOP } from '../auth.ts'
import { defineRoute, empty, jsonBody, NO_BODY, type Problems, success } from '../define-route.ts'
import { DIAGNOSIS_TOKEN, HANDOVER, PASS_EXTENSION } from './examples.ts'

const params = z.object({ sale: saleId })
const tags = ['shop']
const admissionProblems: Problems = {
  'not-found': true,
  'admission-missing': true,
  'admission-invalid': 'also one of another sale',
  'admission-expired': true,
}

export const handOverRoute = defineRoute({
  method: 'post',
  path: '/sales/{sale}/handover',
  tags,
  summary: 'Send an admitted buyer back to the shop',
  description:
    "Returns the address at the shop. Its parameter carries the buyer's admission, and a handover (JWS, `typ` `handover+jwt`, " +
    '`aud` the origin of the address) that the shop accepts for one minute. Safe to repeat: each call makes another handover of ' +
    'the same turn.',
  auth: BUYER,
  request: { params, body: jsonBody(handoverRequest, { return: 'https://shop.example/checkout?basket=7' }) },
  responses: { 200: success('The address', handover, { example: HANDOVER }) },
  problems: {
    'not-found': true,
    'ticket-missing': true,
    'ticket-invalid': true,
    'origin-refused': 'a page of another site sent the request',
    'identity-revoked': 'the account of the ticket, or its ID token, was revoked',
    unavailable: 'also while the revocations cannot be read',
    'no-turn': true,
    'no-return': 'the sale has no `defaultReturnUrl`, and `return` is none of its `returnOrigins`',
    'too-many-requests': 'handovers of this buyer',
  },
})

export const extendPassRoute = defineRoute({
  method: 'post',
  path: '/sales/{sale}/admission/extension',
  tags,
  summary: 'Extend the turn of an admission by a minute',
  description:
    "For the shop, which has the buyer's admission and no ticket; otherwise like `/ticket/extension`. It extends the turn of this " +
    'admission, never a later one of the same buyer.',
  auth: ADMITTED,
  request: { params, body: jsonBody(extensionRequest, { number: 1 }) },
  responses: { 200: success('The longer admission', passExtension, { example: PASS_EXTENSION }) },
  problems: {
    ...admissionProblems,
    'identity-revoked': 'the account of the admission was revoked',
    unavailable: 'also while the revocations cannot be read, in a sale with an `identity`',
    'no-turn': true,
    'turn-has-order': true,
    'extensions-used': true,
    'extensions-off': true,
    'too-many-requests': 'extension requests of this buyer',
  },
})

const finished = { 204: empty('The slot goes back, or has gone back') }
const BY_ORDER = 'While an order of the order core holds the slot, nothing changes: the slot ends with that order.'

export const finishTurnRoute = defineRoute({
  method: 'post',
  path: '/sales/{sale}/admission/finished',
  tags,
  summary: 'Give the slot of an admission back: its buyer is done; safe to repeat',
  description: `The admission is revoked, then the slot goes to the next buyer. Accepted for a day after the admission expired. ${BY_ORDER}`,
  auth: ADMITTED,
  request: { params, body: NO_BODY },
  responses: finished,
  problems: { ...admissionProblems, 'too-many-requests': 'reports of this buyer' },
})

export const finishSlotRoute = defineRoute({
  method: 'post',
  path: '/admin/sales/{sale}/slots/{slot}/finished',
  tags,
  summary: "Report that a slot's buyer is done; safe to repeat",
  description:
    "For the shop's server, with `SHOP_TOKEN`, and for operators. The admission is revoked, then the slot goes to the next buyer. " +
    `A slot that is unknown, or was returned, is no error. ${BY_ORDER}`,
  auth: OPERATOR_OR_SHOP,
  role: 'operator',
  request: { params: params.extend({ slot: text(100) }), body: NO_BODY },
  responses: finished,
  problems: { 'not-found': true },
})

export const createDiagnosisTokenRoute = defineRoute({
  method: 'post',
  path: '/admin/diagnosis-tokens',
  tags,
  summary: "Create a token with which a shop's connector explains its decision",
  description: 'A JWS with `typ` `diagnosis+jwt`. Send it to the shop as the header `floodgate-diagnosis`.',
  auth: OPERATOR_ONLY,
  role: 'operator',
  request: { body: jsonBody(diagnosisRequest, { sale: 'demo', minutes: 15 }) },
  responses: {
    201: success('The token', diagnosisToken, { example: DIAGNOSIS_TOKEN }),
  },
  problems: { 'not-found': true },
})
