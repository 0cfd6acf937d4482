import { type Api, deadLetterOperations, erasureOperation, moneyCheckOperation, traceOperation } from '@floodgate/http'

/** Everything that the payment worker's clients may rely on. */
export const api: Api = {
  title: 'Floodgate payment worker',
  description: 'Charges and refunds orders, once each.',
  operations: [moneyCheckOperation, traceOperation, erasureOperation, ...deadLetterOperations],
}
