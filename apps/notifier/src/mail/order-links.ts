import { createLinkMinter } from '@floodgate/order-link'
import type { Config } from '../config.ts'
import type { Notice } from './notice.ts'

/** A link to the page of one order, which needs no login. */
export interface OrderLink {
  readonly url: string
  readonly validUntil: Date
}

/** Undefined: mails carry no link. */
export type LinkTo = (of: Pick<Notice, 'order' | 'sale'>) => Promise<OrderLink | undefined>

/**
 * Creates the link of a mail when it is sent, so that its days count from then. The token is in the fragment, which
 * browsers send to no server, so it is in no log and no `Referer`.
 */
export function createLinkTo({
  emailKey,
  waitingRoomUrl,
  orderLinkDays,
}: Pick<Config, 'emailKey' | 'waitingRoomUrl' | 'orderLinkDays'>): LinkTo {
  if (orderLinkDays === 0)
    return async function noLink() {
      return undefined
    }
  const mint = createLinkMinter(emailKey, { days: orderLinkDays })
  return async function linkTo({ order, sale }) {
    const { token, expiresAt } = await mint(order)
    return { url: `${waitingRoomUrl}/sales/${sale}/orders/${order}#key=${token}`, validUntil: expiresAt }
  }
}
