import { type Api, deadLetterOperations, erasureOperation } from '@floodgate/http'
import { catalogueOperations } from './catalogue/operations.ts'
import { placeOrderOperation } from './checkout/routes.ts'
import { listErasableOperation } from './erasure/routes.ts'
import { buyerOperations } from './orders/buyer-routes.ts'
import { listOrdersOperation } from './orders/list-orders.ts'
import { operatorOperations } from './orders/operator-routes.ts'
import { parkedOperations } from './orders/parked-routes.ts'
import { stockOperation } from './reconcile/audit-routes.ts'

/** Everything that the order core's clients may rely on. */
export const api: Api = {
  title: 'Floodgate order core',
  description: 'Catalogue, checkout and orders. Admissions come from the waiting room.',
  operations: [
    placeOrderOperation,
    ...buyerOperations,
    ...catalogueOperations,
    stockOperation,
    listOrdersOperation,
    ...operatorOperations,
    ...parkedOperations,
    listErasableOperation,
    erasureOperation,
    ...deadLetterOperations,
  ],
}
