import { createOperator, createSend, type Operator, sendPatiently } from '@floodgate/client'
import type { CatalogueItem } from '@floodgate/contracts'

/** Time limit, long enough for a page of the log on a busy machine. */
const RESPONSE_MS_MAX = 60_000

export function oneItem(total: number): CatalogueItem {
  return {
    sku: 'COAT',
    name: 'Wool coat',
    listPriceMinor: 24_900,
    salePriceMinor: 12_450,
    total,
    perBuyerLimit: 1,
  }
}

export interface OperatorTarget {
  readonly urls: { readonly waitingRoom: string; readonly orderCore: string }
  readonly adminToken: string
}

/** Creates the shop's operator of a bench. */
export function createBenchOperator({ urls, adminToken }: OperatorTarget): Operator {
  return createOperator({
    waitingRoom: sendTo(urls.waitingRoom),
    orderCore: sendTo(urls.orderCore),
    adminToken,
    newSale: {
      ...{ name: 'Bench', admitPerSecond: 100, maxActive: 10_000, admissionTtlSeconds: 600 },
      items: [oneItem(1_000)],
    },
  })
}

function sendTo(url: string) {
  return sendPatiently(createSend({ urls: [url], msMax: RESPONSE_MS_MAX }), { msMax: RESPONSE_MS_MAX })
}
