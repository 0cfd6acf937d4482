import { deadLetterRoutes } from './dead-letters.ts'
import { eraseRoute, ownRoutes, traceRoute } from './operations.ts'
import {
  auditStockRoute,
  checkLedgerRoute,
  putCatalogueRoute,
  readCatalogueRoute,
  repairStockRoute,
  showCatalogueRoute,
} from './order-core/catalogue.ts'
import {
  cancelAnyOrderRoute,
  createRefundRoute,
  dropParkedRoute,
  inspectOrderRoute,
  listErasableRoute,
  listOrdersRoute,
  listParkedRoute,
  readChargeabilityRoute,
  refundOrderRoute,
  retryParkedRoute,
} from './order-core/operator.ts'
import {
  cancelOrderRoute,
  listOwnOrdersRoute,
  placeOrderRoute,
  readOrderHistoryRoute,
  readOrderRoute,
  resumePaymentRoute,
} from './order-core/orders.ts'

import {
  claimVoucherRoute,
  listVoucherCampaignsRoute,
  putVoucherCampaignRoute,
  readVoucherCampaignRoute,
  showVouchersRoute,
} from './order-core/vouchers.ts'

/** The order core's routes. */
export const orderCoreRoutes = {
  placeOrder: placeOrderRoute,
  listOwnOrders: listOwnOrdersRoute,
  readOrder: readOrderRoute,
  cancelOrder: cancelOrderRoute,
  resumePayment: resumePaymentRoute,
  readOrderHistory: readOrderHistoryRoute,
  putCatalogue: putCatalogueRoute,
  readCatalogue: readCatalogueRoute,
  showCatalogue: showCatalogueRoute,
  putVoucherCampaign: putVoucherCampaignRoute,
  readVoucherCampaign: readVoucherCampaignRoute,
  listVoucherCampaigns: listVoucherCampaignsRoute,
  showVouchers: showVouchersRoute,
  claimVoucher: claimVoucherRoute,
  auditStock: auditStockRoute,
  checkLedger: checkLedgerRoute,
  repairStock: repairStockRoute,
  listOrders: listOrdersRoute,
  inspectOrder: inspectOrderRoute,
  readChargeability: readChargeabilityRoute,
  cancelAnyOrder: cancelAnyOrderRoute,
  refundOrder: refundOrderRoute,
  createRefund: createRefundRoute,
  trace: traceRoute,
  listParked: listParkedRoute,
  retryParked: retryParkedRoute,
  dropParked: dropParkedRoute,
  listErasable: listErasableRoute,
  erase: eraseRoute,
  ...ownRoutes,
  ...deadLetterRoutes,
}
