import { extensionRequest, saleId, ticketStatus } from '@floodgate/contracts'
import { andThen, defineOperation, jsonBody, type RefuseForeignOrigin, type Route, success } from '@floodgate/http'
import { z } from '@hono/zod-openapi'
import { requireSale } from '../sales/find-sale.ts'
import type { LiveSales } from '../sales/sale-cache.ts'
import type { Extend } from '../slots/extend-turn.ts'
import { BUYER, credentialsOf, type Identify } from '../tokens/identify.ts'
import { EXTENDED } from './examples.ts'
import type { TakeExtensionRequest } from './extension-limit.ts'
import { pollAnswer } from './poll-answer.ts'
import type { PollLimit } from './poll-limit.ts'
import type { StatusReader } from './read-status.ts'

export interface ExtensionRouteDeps {
  readonly sales: LiveSales
  readonly identify: Identify
  readonly status: StatusReader
  readonly polls: PollLimit
  readonly refuseForeignOrigin: RefuseForeignOrigin
  readonly extend: Extend
  readonly tryFastPath: TakeExtensionRequest
}

/** One simple act for more time, as WCAG 2.2.1 asks for: answered like a poll, with the longer pass. */
export function extensionRoute(deps: ExtensionRouteDeps): Route {
  const { sales, identify, status, polls, extend } = deps
  return {
    method: 'POST',
    path: '/sales/:sale/ticket/extension',
    body: 'json',
    handle: (request) =>
      andThen(requireSale(sales, request.parameter), (sale) => {
        deps.refuseForeignOrigin(request.headers)
        return andThen(identify(sale.id, credentialsOf(request.headers)), (bearer) =>
          andThen(request.json(extensionRequest), ({ number }) => {
            deps.tryFastPath(bearer)
            return (
              extend(bearer, number)
                .then((slot) => pollAnswer(status.admitted(sale, slot)))
                // A poll after it must not get an answer from before it.
                .finally(() => polls.forget(bearer))
            )
          }),
        )
      }),
  }
}

export const extensionOperation = defineOperation({
  method: 'post',
  path: '/sales/{sale}/ticket/extension',
  tags: ['line'],
  summary: "Make the buyer's turn a minute longer",
  description:
    'While the turn lasts, no order is placed in it, and the sale allows it (`extensionsMax`). The admissions that the buyer has stay good ' +
    'until their own end. Repeating a number changes nothing.',
  security: BUYER,
  request: { params: z.object({ sale: saleId }), body: jsonBody(extensionRequest, { number: 1 }) },
  responses: {
    200: success('The turn as it is now, with an admission that lasts as long', ticketStatus, { example: EXTENDED }),
  },
  refusals: {
    'not-found': true,
    'ticket-missing': true,
    'ticket-invalid': true,
    'origin-refused': 'a page of another site sent it',
    'no-turn': true,
    'turn-has-order': true,
    'extensions-used': true,
    'extensions-off': true,
    'too-many-requests': 'requests of this ticket for more time',
  },
})
