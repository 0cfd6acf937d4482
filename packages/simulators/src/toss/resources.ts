import { failureOf } from './failures.ts'
import { koreanTime } from './korean-time.ts'
import { balanceOf, type TossPayment } from './payment.ts'
import type { Transaction } from './payment-book.ts'

const MERCHANT = 'floodgatesim'
const METHOD = '카드'

/** Builds the `Payment` object of API version 2022-11-16. */
export function paymentResource(payment: TossPayment, checkoutUrl: string): object {
  const { paymentKey, orderId, orderName, status, currency, amount, cancels, failure } = payment
  const balance = balanceOf(payment)
  const vat = Math.round(balance / 11)
  return {
    ...{ mId: MERCHANT, version: '2022-11-16', type: 'NORMAL', country: 'KR', method: METHOD },
    ...{ paymentKey, orderId, orderName, status, currency },
    lastTransactionKey: cancels.at(-1)?.transactionKey ?? payment.approvalKey,
    requestedAt: koreanTime(payment.requestedAtMs),
    approvedAt: payment.approvedAtMs === null ? null : koreanTime(payment.approvedAtMs),
    totalAmount: amount,
    balanceAmount: balance,
    suppliedAmount: balance - vat,
    vat,
    ...{ taxFreeAmount: 0, taxExemptionAmount: 0, useEscrow: false, cultureExpense: false, isPartialCancelable: true },
    cancels:
      cancels.length === 0
        ? null
        : cancels.map(({ canceledAtMs, ...cancel }) => ({
            ...cancel,
            canceledAt: koreanTime(canceledAtMs),
            cancelStatus: 'DONE',
            ...{ taxFreeAmount: 0, taxExemptionAmount: 0, easyPayDiscountAmount: 0 },
          })),
    failure: failure === null ? null : failureOf(failure),
    checkout: { url: checkoutUrl },
    ...{ card: null, virtualAccount: null, transfer: null, mobilePhone: null, easyPay: null, discount: null },
    ...{ receipt: null, cashReceipt: null, cashReceipts: null, secret: null },
  }
}

/** Builds the `Transaction` object. The documentation defines no sign for the amount of a cancellation. */
export function transactionResource({ transactionKey, payment, status, amount, atMs }: Transaction): object {
  const { paymentKey, orderId, currency } = payment
  return {
    ...{ mId: MERCHANT, transactionKey, paymentKey, orderId, currency, method: METHOD, customerKey: null },
    ...{ useEscrow: false, amount, status, transactionAt: koreanTime(atMs) },
  }
}
