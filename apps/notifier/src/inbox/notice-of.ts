import { type FloodgateEvent, minorUnits } from '@floodgate/contracts'
import { goodsOf, noticeOf } from '../mail/notice.ts'
import { occasionOf } from '../mail/occasion.ts'
import type { NewNotice } from './inbox-store.ts'

/** Returns the notice for an event, if any: of the same events as mails, also for a buyer without an address. */
export function inboxNoticeOf(event: FloodgateEvent): NewNotice | undefined {
  const told = noticeOf(event)
  if (told === undefined || !('buyer' in event.data) || event.data.buyer === '') return undefined
  const { order, sale, saleName = null, currency } = told
  return {
    ...{ id: event.id, buyer: event.data.buyer, kind: occasionOf(told), order, sale, saleName, currency },
    withVoucher: told.discountMinor !== undefined,
    totalMinor: minorUnits.parse(goodsOf(told).totalMinor),
    at: new Date(event.time),
  }
}
