import { formatMoney, orderNumber } from '@floodgate/contracts'
import type { Texts } from '@floodgate/texts'
import { oneLine } from './display-text.ts'
import { goodsOf, type Notice } from './notice.ts'
import { occasionOf } from './occasion.ts'
import type { OrderLink } from './order-links.ts'

export interface ContentLine {
  readonly name: string
  /** Quantity and unit price. */
  readonly quantity: string
  readonly amount: string
}

/** The content of a mail, without its layout. External names are unchanged, except for line breaks and controls. */
export interface MailContent {
  readonly texts: Texts
  readonly saleName: string
  readonly heading: string
  readonly opening: string
  readonly lines: readonly ContentLine[]
  /** What a voucher took off; undefined: nothing. */
  readonly discount: string | undefined
  readonly totalLabel: string
  readonly total: string
  readonly number: string
  readonly order: string
  readonly placedAt: Date | undefined
  readonly link: OrderLink | undefined
}

export function contentOf(told: Notice, { texts, link }: { texts: Texts; link: OrderLink | undefined }): MailContent {
  const { mails } = texts
  const occasion = mails.occasions[occasionOf(told)]
  const money = (amountMinor: number): string => formatMoney(amountMinor, told.currency, texts.language)
  const { items, totalMinor, discountMinor = 0 } = goodsOf(told)
  const total = money(totalMinor)
  const free = totalMinor === 0
  return {
    texts,
    saleName: oneLine(told.saleName, told.sale),
    heading: occasion.heading,
    opening: occasion.opening({ free, withVoucher: told.discountMinor !== undefined }),
    lines: items.map(({ sku, name, quantity, priceMinor }) => ({
      name: oneLine(name, sku),
      quantity: mails.quantityOf({ quantity, price: priceMinor === 0 ? mails.free : money(priceMinor) }),
      amount: money(priceMinor * quantity),
    })),
    discount: discountMinor === 0 ? undefined : `−${money(discountMinor)}`,
    totalLabel: free ? mails.freeTotalLabel : occasion.totalLabel,
    total: free ? `${total} (${mails.free})` : total,
    number: orderNumber(told.order),
    order: told.order,
    placedAt: told.createdAt === undefined ? undefined : new Date(told.createdAt),
    link,
  }
}
