import type { MailTexts } from './mail-texts.ts'

const timeFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
})

/** With its zone: nothing is known of the reader's. */
const timeOf = (time: Date): string => `${timeFormat.format(time)} UTC`

const unlessFree = (free: boolean, text: string): string => (free ? '' : ` ${text}`)
const IF_PAID = 'If a payment still arrives, we send it back.'

export const english: MailTexts = {
  language: 'en',
  occasions: {
    confirmed: {
      subject: ({ number, sale }) => `Your order ${number} for ${sale} is confirmed`,
      heading: 'Your order is confirmed',
      opening: ({ free }) =>
        free
          ? 'Thank you for your order. There is nothing to pay.'
          : 'Thank you for your order. We have received your payment.',
      totalLabel: 'Total paid',
    },
    declined: {
      subject: ({ number, sale }) => `The payment for your order ${number} for ${sale} was declined`,
      heading: 'Your payment was declined',
      opening: () =>
        'Your payment was declined, so you were not charged and the order was cancelled. While your turn lasts, you can try again with another card on the page of the sale.',
      totalLabel: 'Order total',
    },
    'declined-final': {
      subject: ({ number, sale }) => `The payment for your order ${number} for ${sale} was declined`,
      heading: 'Your payment was declined',
      opening: () =>
        'Your payment was declined again, so you were not charged, the order was cancelled and your turn is over. You can join the line once more on the page of the sale.',
      totalLabel: 'Order total',
    },
    expired: {
      subject: ({ number, sale }) => `Your order ${number} for ${sale} has expired`,
      heading: 'Your order has expired',
      opening: ({ free }) =>
        `The order was not completed in time, so the items went back on sale.${unlessFree(free, IF_PAID)}`,
      totalLabel: 'Order total',
    },
    'cancelled-by-buyer': {
      subject: ({ number, sale }) => `You cancelled your order ${number} for ${sale}`,
      heading: 'You cancelled your order',
      opening: ({ free }) => `The order was cancelled, as you asked.${unlessFree(free, IF_PAID)}`,
      totalLabel: 'Order total',
    },
    'cancelled-by-operator': {
      subject: ({ number, sale }) => `Your order ${number} for ${sale} was cancelled`,
      heading: 'Your order was cancelled',
      opening: ({ free }) => `We are sorry: we had to cancel your order.${unlessFree(free, IF_PAID)}`,
      totalLabel: 'Order total',
    },
    abandoned: {
      subject: ({ number, sale }) => `Your order ${number} for ${sale} was not completed`,
      heading: 'Your order was not completed',
      opening: () => 'The order was not completed, and you were not charged.',
      totalLabel: 'Order total',
    },
    refunded: {
      subject: ({ number, sale }) => `The refund for your order ${number} for ${sale} is on its way`,
      heading: 'Your refund is on its way',
      opening: () =>
        'We have sent your money back to the card or account that you paid with. Your bank may take a few days to show it.',
      totalLabel: 'Refunded',
    },
  },
  itemColumn: 'Item',
  amountColumn: 'Amount',
  quantityOf: ({ quantity, price }) => `${quantity} × ${price}`,
  free: 'free',
  freeTotalLabel: 'Order total',
  orderNumber: (number) => `Order number ${number}`,
  placedAt: (time) => `Placed on ${timeOf(time)}`,
  viewOrder: 'View your order',
  linkValidity: (until) =>
    `The link works until ${timeOf(until)}, without signing in. Whoever has it can see this order, so please keep it to yourself.`,
  whyThisMail: ({ sale, order }) =>
    `You receive this message because this address was given for an order in the sale ${sale}. Order id: ${order}`,
}
