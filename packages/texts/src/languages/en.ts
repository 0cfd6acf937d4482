import { clockFigures, formatsOf, roughTime, splitTime } from '../formats.ts'
import type { Texts } from '../texts.ts'

/** Days before months and 24 hours: readers of English everywhere understand them. */
const { number, dateTime } = formatsOf('en-GB')

const counted = (count: number, word: string): string => `${number(count)} ${word}${count === 1 ? '' : 's'}`

function about(seconds: number): string {
  const rough = roughTime(seconds)
  switch (rough.kind) {
    case 'few-seconds':
      return 'a few seconds'
    case 'under-a-minute':
      return 'less than a minute'
    case 'minutes':
      return rough.minutes === 1 ? 'about a minute' : `about ${rough.minutes} minutes`
    case 'hours':
      if (rough.half) return `about ${rough.hours}½ hours`
      return rough.hours === 1 ? 'about an hour' : `about ${number(rough.hours)} hours`
  }
}

/** Formats a time in words: `1 minute and 30 seconds`. */
function spoken(time: number): string {
  const { days, hours, minutes, seconds } = splitTime(time)
  const parts = [
    { count: days * 24 + hours, word: 'hour' },
    { count: minutes, word: 'minute' },
    { count: seconds, word: 'second' },
  ].filter(({ count }) => count > 0)
  if (parts.length === 0) return '0 seconds'
  return new Intl.ListFormat('en-GB').format(parts.map(({ count, word }) => counted(count, word)))
}

const perBuyer = (limit: number) => (limit === 1 ? 'one per buyer' : `at most ${number(limit)} per buyer`)
const isOrAre = (count: number) => (count === 1 ? 'is' : 'are')

const PUT_IN_LINE = 'Leave this page open: you join the line automatically when it opens.'
const GOES_ON = 'Leave this page open: it continues automatically.'
const RETRIES = 'Leave this page open: it retries automatically.'
const SALE_CLOSED = 'The sale has closed, so you can no longer join.'
const LAST_TRY = 'Nothing was charged. That was your last attempt, so your turn is over.'
const ORDER_LINK = 'If you have already ordered, the e-mail about your order contains a link to it.'
const OTHER_BROWSER = 'The browser you ordered with still shows the order.'
const LOOK_AGAIN = 'Check the address, or go back to the page that brought you here.'
const GIVE_BACK = 'If the shop adds items, or some become available again during your turn, you can choose them here.'
const VOUCHER_STAYS_USED = ' The voucher stays used.'
const PAYMENT_COMES_BACK = 'If a payment still arrives, we will refund it.'
const HOLD_LAPSED = 'The payment did not come through in time, so your items are no longer reserved.'
const LATE_PAYMENT =
  'If a payment still arrives, we will confirm your order if the items are still available, or else refund you.'

export const texts: Texts = {
  language: 'en',
  name: 'English',
  direction: 'ltr',
  pages: {
    betweenSentences: ' ',
    documents: {
      loading: 'One moment…',
      late: 'This is taking longer than usual. Reload the page; if that does not help, try another browser.',
      saleNeedsScripts:
        'This page needs JavaScript: it keeps your place in line while you wait. Please switch it on, then reload the page.',
      orderNeedsScripts:
        'This page needs JavaScript: it reads your order with the link in your mail. Please switch it on, then reload the page.',
      fairness: 'One place per buyer, first come, first served.',
      order: 'Your order',
      noSuchSale: {
        title: 'Sale not found',
        heading: 'This sale does not exist',
        nothingSold: ({ sale }) => `There is no sale named “${sale}”.`,
        advice: LOOK_AGAIN,
      },
      noPage: { title: 'This page does not exist', heading: 'This page does not exist', advice: LOOK_AGAIN },
      notNow: {
        title: 'Not available at the moment',
        heading: 'Not available at the moment',
        advice: 'Please reload this page in a moment.',
      },
      busy: {
        title: 'One moment, please',
        heading: 'The shop is very busy',
        advice: 'You do not need to do anything: this page reloads automatically in a few seconds.',
      },
    },
    screens: {
      looking: { title: 'One moment…', lines: ['We are looking up your place and your orders in this sale.'] },
      joining: { title: 'Joining the line…', lines: ['This takes a moment.'] },
      mayJoin: {
        title: 'You are not in line',
        lines: ['Do you want to buy in this sale? Join at the end of the line.', ORDER_LINK],
      },
      mayNotJoin: { title: 'You are not in line', lines: [SALE_CLOSED, ORDER_LINK] },
      notOpen: {
        unknown: {
          title: 'Not open yet',
          lines: [
            'The shop has not announced when the sale opens.',
            'Leave this page open: you join the line automatically as soon as it opens.',
          ],
        },
        soon: ({ at }) => ({ title: 'Opens soon', lines: [`The sale opens on ${dateTime(at)}.`, PUT_IN_LINE] }),
        anyMoment: 'Any moment now',
      },
      paused: {
        title: 'The sale is paused',
        lines: ['Nobody is admitted at the moment. You keep your place in line.', GOES_ON],
      },
      recovering: {
        title: 'One moment, please',
        lines: ['We are restoring the line. Your place is safe.', GOES_ON],
      },
      waiting: {
        title: 'You are in line',
        titleAfterAbsence: 'Welcome back, your place was kept',
        etaUnknown: 'We can’t estimate your wait yet.',
        eta: ({ seconds }) => `Your wait is ${about(seconds)}.`,
        overtaken: 'Buyers who were away came back in time and are ahead of you, so your position number went up.',
        heldByOthers:
          'Other buyers have reserved everything left and are paying now. If a payment fails, something may become available.',
        soldOut: 'Everything has been sold. More may only come from cancelled orders, or from the shop.',
        stay: 'Leave this page open. You can do something else in the meantime.',
        absenceUnknown: 'If you are away when your turn comes, come back soon: we keep your place for a while.',
        absenceLoses: 'If you are away when your turn comes, you lose your place.',
        absenceKeeps: ({ seconds }) =>
          `If you are away when your turn comes, we keep your place for ${spoken(seconds)}. After that you lose it.`,
      },
      yourTurn: {
        title: 'It’s your turn',
        saleClosed: 'The sale has closed to new buyers. You can still buy until your time runs out.',
      },
      toShop: {
        asking: 'You can buy at the shop now. We are preparing your way there.',
        going: ({ shop }) => `You can buy at ${shop} now. We are taking you there.`,
        byClick: ({ shop }) => `You can buy at ${shop} now. Press the button to go there.`,
        goesIn: ({ seconds }) => `You go to the shop in ${spoken(seconds)}.`,
        sentBack: 'You were there a moment ago. If the shop keeps sending you back, please contact it.',
        failing: 'We cannot send you to the shop at the moment. We keep trying.',
      },
      placing: {
        title: 'Reserving for you…',
        lines: ['Please leave this page open. Nothing is charged twice.'],
      },
      coreDown: {
        title: 'The checkout is not responding',
        orderSent:
          'We have sent your order, but the shop has not responded yet. We keep trying; your order is never placed twice.',
        goodsMissing: 'The shop cannot show its items at the moment. We keep trying.',
        nothingToDo: 'You don’t need to do anything.',
        turnKept: 'You keep your turn and don’t need to do anything.',
      },
      noGoods: {
        title: 'Nothing to choose from yet',
        lines: [
          'The shop has not listed any items for this sale yet. We keep checking, and show them here as soon as it does.',
          'Your time is still running. Leave this page open, or give your turn back.',
        ],
      },
      soldOut: {
        title: 'Sold out',
        lines: ['Everything has been sold.', `${GIVE_BACK} Leave this page open, or give your turn back.`],
      },
      heldByOthers: {
        orElse: {
          title: 'Nothing available at the moment',
          lines: [
            'Other buyers have reserved everything left of what you want and are paying now. If a payment fails, it may become available.',
            'We keep checking for you. Leave this page open, or choose something else.',
          ],
        },
        orLess: {
          title: 'Nothing available at the moment',
          lines: [
            'Other buyers have reserved everything left of what you want and are paying now. If a payment fails, it may become available.',
            'We keep checking for you. Leave this page open, or change your order.',
          ],
        },
      },
      paying: {
        free: { title: 'Reserved for you', lines: ['There is nothing to pay. Your order is being confirmed.'] },
        charged: {
          title: 'Reserved for you',
          lines: ['Your payment is being processed. This usually takes a few seconds.'],
        },
        delayed: {
          title: 'Reserved for you',
          lines: [
            'Paying takes longer than usual at the moment. Your items stay reserved, and you do not need to do anything.',
            'You can close this page. We will send you an e-mail with the result.',
          ],
        },
      },
      atBank: {
        before: {
          title: 'Confirm the payment with your bank',
          lines: [
            'Your bank asks you to confirm this payment. Your items are reserved meanwhile.',
            'You come back to this page afterwards.',
          ],
        },
        back: {
          title: 'Checking with your bank',
          lines: [
            'Your items are reserved. This usually takes a few seconds.',
            'If you did not finish at your bank, open its page again.',
          ],
        },
      },
      confirmed: {
        free: {
          title: 'It’s yours',
          lines: ['Confirmed, with nothing to pay. We have sent you an e-mail.', 'You can close this page.'],
        },
        charged: {
          title: 'It’s yours',
          lines: ['Paid and confirmed. We have sent you an e-mail.', 'You can close this page.'],
        },
        late: {
          title: 'It’s yours after all',
          lines: [
            'Your payment arrived after the reservation had expired, but your items were still available. Your order is confirmed, and we have sent you an e-mail.',
            'You can close this page.',
          ],
        },
      },
      refundedInPart: {
        free: { title: 'Part of your order was cancelled', lines: ['The rest of your order stays confirmed.'] },
        charged: {
          title: 'Part of your order is refunded',
          lines: ['The rest of your order stays confirmed.', 'Your bank may take a few days to show a refund.'],
        },
      },
      declined: {
        alone: { title: 'The card was declined', lines: ['Nothing was charged for this order.'] },
        turnKept: {
          title: 'The card was declined',
          lines: ['Nothing was charged. You still have your turn: try another card.'],
        },
        timeOver: {
          title: 'The card was declined',
          lines: ['Nothing was charged, and your time to buy has run out.'],
        },
        triesUsed: { title: 'The card was declined', lines: [LAST_TRY] },
        turnOver: { title: 'The card was declined', lines: ['Nothing was charged, and your turn is over.'] },
      },
      abandoned: {
        alone: { title: 'Your order did not go through', lines: ['Nothing was charged for it.'] },
        turnKept: {
          title: 'Your order did not go through',
          lines: ['Nothing was charged. You still have your turn: order again.'],
        },
        timeOver: {
          title: 'Your order did not go through',
          lines: ['Nothing was charged, and your time to buy has run out.'],
        },
        triesUsed: { title: 'Your order did not go through', lines: [LAST_TRY] },
        turnOver: { title: 'Your order did not go through', lines: ['Nothing was charged, and your turn is over.'] },
      },
      holdLapsed: {
        withVoucher: { title: 'Your reservation has expired', lines: [HOLD_LAPSED, PAYMENT_COMES_BACK] },
        withoutVoucher: { title: 'Your reservation has expired', lines: [HOLD_LAPSED, LATE_PAYMENT] },
      },
      cancelled: { title: 'Order cancelled', lines: ['You will not be charged for it.'] },
      cancelledByShop: {
        free: {
          title: 'The shop cancelled your order',
          lines: ['There was nothing to pay.', 'We have sent you an e-mail with the details.'],
        },
        charged: {
          title: 'The shop cancelled your order',
          lines: ['If you have paid, we will refund you.', 'We have sent you an e-mail with the details.'],
        },
      },
      refundPending: {
        late: {
          title: 'Your refund is on its way',
          lines: [
            'The payment arrived after the order had ended.',
            'You don’t need to do anything; we will e-mail you when it is done.',
          ],
        },
        paid: {
          title: 'Your refund is on its way',
          lines: [
            'Your order was cancelled after you had paid for it.',
            'You don’t need to do anything; we will e-mail you when it is done.',
          ],
        },
      },
      refunded: {
        free: { title: 'Order cancelled', lines: ['There was nothing to pay, so there is nothing to refund.'] },
        charged: {
          title: 'Refunded',
          lines: ['We have refunded the full amount.', 'Your bank may take a few days to show it.'],
        },
      },
      admissionExpired: { title: 'Your time to buy has run out', lines: [] },
      left: {
        title: 'You are no longer in line',
        lines: ['You left, or you were away for too long when your turn came.'],
      },
      finished: {
        title: 'Your turn has ended',
        lines: ['It may have ended in another window. If you bought something, we have sent you an e-mail.'],
      },
      finishedAtShop: {
        title: 'Your turn has ended',
        lines: ['If you bought something, the shop has your order.'],
      },
      turnOver: {
        triesUsed: {
          title: 'No attempts left',
          lines: ['Every card was declined, and nothing was charged. This turn is over.'],
        },
        givenBack: { title: 'You gave your turn back', lines: ['Nothing was ordered.'] },
      },
      mayJoinAgain: 'You can rejoin at the end of the line.',
      saleClosedMeanwhile: SALE_CLOSED,
      closed: {
        title: 'This sale is over',
        lines: [
          'The line is closed.',
          'Thank you for your patience. You can close this page. If you leave it open, it continues automatically when the sale reopens.',
        ],
      },
      orderRejected: {
        'link-expired': {
          title: 'This link has expired',
          lines: [
            'Links in e-mails work for a limited time. A newer e-mail about the order has a newer link.',
            OTHER_BROWSER,
          ],
        },
        'link-invalid': {
          title: 'This link does not work',
          lines: [
            'It is incomplete, or the shop has changed its keys. Open the complete link from the e-mail again.',
            OTHER_BROWSER,
          ],
        },
        gone: {
          title: 'This order is no longer stored',
          lines: ['Orders are deleted some time after the sale.', 'Your e-mails about it remain.'],
        },
        nobody: {
          title: 'This order cannot be shown here',
          lines: ['Open the link in the e-mail about the order, or use the browser you ordered with.'],
        },
      },
    },
    joinRejections: {
      lineFull: {
        title: 'The line is full',
        lines: ['The line has reached its maximum length. You have no place yet.', RETRIES],
      },
      tooManyRequests: {
        title: 'Too many buyers from your network',
        lines: ['Many buyers are joining from your network at the moment. You have no place yet.', RETRIES],
      },
      originRejected: {
        title: 'You cannot join from here',
        lines: ['The shop does not accept buyers from this address.', 'Open the sale from the shop’s own site.'],
      },
      notFound: {
        title: 'This sale was not found',
        lines: ['The shop does not have this sale, or no longer has it.'],
      },
      busy: {
        title: 'You cannot join at the moment',
        lines: ['The shop is too busy to put you in line. You have no place yet.', RETRIES],
      },
      identityRequired: {
        title: 'Please sign in at the shop first',
        lines: [
          'This sale is for customers who are signed in.',
          'Sign in at the shop, and come to the line from there.',
        ],
      },
      identityInvalid: {
        title: 'Please sign in at the shop again',
        lines: [
          'Your sign-in has expired or could not be verified.',
          'Sign in at the shop, and come to the line from there.',
        ],
      },
      identityRevoked: {
        title: 'You cannot take part in this sale',
        lines: [
          'The shop has excluded your account or this sign-in from the sale.',
          'If you think this is a mistake, contact the shop.',
        ],
      },
      unknown: ({ reason }) => ({
        title: 'You could not join the line',
        lines: [`${reason}.`, 'Try again, or reload this page.'],
      }),
    },
    checkout: {
      timeLeft: ({ clock }) => `${clock} left to buy`,
      fetching: 'Loading the items…',
      goods: 'What would you like?',
      fewer: ({ name }) => `Fewer ${name}`,
      more: ({ name }) => `More ${name}`,
      insteadOf: 'instead of',
      email: 'E-mail',
      emailHint: 'For the confirmation, nothing else.',
      payment: 'Payment',
      worksMethod: { label: 'A card that works', hint: 'Simulated: nothing is charged.' },
      declinedMethod: { label: 'A card that is declined', hint: 'Simulated: see what a declined payment looks like.' },
      bankMethod: { label: 'A card whose bank asks you', hint: 'Simulated: see the page of a bank, and come back.' },
      payThere: 'You pay on the page of the payment provider, right after ordering.',
      buy: 'Buy',
      buyFor: ({ price }) => `Buy for ${price}`,
      orderForFree: 'Order for free',
      voucher: {
        legend: 'Voucher',
        none: 'No voucher',
        amount: ({ name, price }) => `${name}: ${price} off`,
        percent: ({ name, value }) => `${name}: ${number(value)}% off`,
        capped: ({ name, value, price }) => `${name}: ${number(value)}% off, up to ${price}`,
        minimum: ({ price }) => `For orders of ${price} or more.`,
        gone: 'All of them have been claimed.',
        claiming: 'Claiming yours…',
        yours: 'This one is yours.',
        belowMinimum: ({ price }) => `This voucher needs an order of ${price} or more.`,
      },
      earlierOrder: ({ number: orderNumber }) => `Your order ${orderNumber}`,
      free: 'Free',
      soldOut: 'Sold out',
      allTaken: ({ limit }) => `All reserved at the moment, some may become available; ${perBuyer(limit)}`,
      few: ({ count, limit }) => `${number(count)} left, ${perBuyer(limit)}`,
      available: ({ limit }) => `Available, ${perBuyer(limit)}`,
      shortage: ({ name, count }) => `Only ${number(count)} of “${name}” ${isOrAre(count)} left at the moment.`,
      chooseSomething: 'Choose at least one item.',
      wholeNumber: ({ name }) => `How many of “${name}”? Enter a whole number such as 1, or 0 for none.`,
      atMostItems: ({ max }) => `Choose at most ${number(max)} different items.`,
      atMostOf: ({ name, limit }) => `At most ${number(limit)} of “${name}” per buyer.`,
      emailProblems: {
        'no-at': 'Please enter your whole e-mail address, such as name@example.com.',
        'local-part':
          'Please check your e-mail address: before the @ there is a space, a character or a dot that does not belong there.',
        'local-not-ascii':
          'We cannot send mail to this address: before the @ it may only have unaccented Latin letters.',
        domain: 'Please check your e-mail address: what follows the @ is incomplete or misspelt.',
        'too-long': 'This e-mail address is too long. Please use another one.',
      },
      changes: {
        heading: 'This has changed:',
        over: 'The change has been undone.',
        advice: 'Nothing was ordered yet. If you want it like this, press the button again.',
        freeNow: ({ name }) => `“${name}” is free now.`,
        notFree: ({ name, price }) => `“${name}” is no longer free: it costs ${price}.`,
        price: ({ name, price, was }) => `“${name}” now costs ${price} instead of ${was}.`,
        name: ({ name, was }) => `“${was}” is now called “${name}”.`,
        limit: ({ name, limit }) => `Each buyer may now have at most ${number(limit)} of “${name}”.`,
        soldOut: ({ name }) => `“${name}” is sold out and no longer in your order.`,
        back: ({ name }) => `“${name}” is available again.`,
        added: ({ name }) => `“${name}” is new in this sale.`,
        removed: ({ name }) => `“${name}” is no longer on sale and no longer in your order.`,
        backNotInOrder: ({ name }) => `“${name}” is available again, but not in your order.`,
      },
    },
    rejections: {
      overLimit: {
        all: 'That exceeds the limit per buyer. Choose fewer.',
        of: ({ name }) => `That exceeds the limit of “${name}” per buyer. Choose fewer.`,
        already: ({ name }) => `You have already bought the maximum of “${name}” per buyer.`,
        together: ({ name, limit }) =>
          `Together with what you have already bought, that exceeds the limit of ${number(limit)} of “${name}” per buyer. Choose fewer, or none.`,
      },
      priceChanged: 'The price has changed, and nothing was ordered.',
      buyAgain: 'Press the button again if you want it at this price.',
      freeNow: ({ name }) => `“${name}” is free now.`,
      costsNow: ({ name, price }) => `“${name}” now costs ${price}.`,
      soldOut: ({ name }) => `“${name}” is sold out.`,
      heldByOthers: ({ name }) => `Other buyers have reserved everything left of “${name}” and are paying.`,
      onlyLeft: ({ name, count }) => `Only ${number(count)} of “${name}” ${isOrAre(count)} left.`,
      chooseAgain: 'Nothing was ordered: choose again.',
      unknownItem: 'Something you chose is no longer on sale, and nothing was ordered. Choose again.',
      abandoned:
        'The shop could not complete your order in time, and nothing was charged. You still have your turn: please buy again.',
      changedAfterSending: 'This order was changed after it had been sent. Please buy again.',
      notFreeAnyMore: 'This order is no longer free. Check the prices, and choose how to pay.',
      email: 'We cannot send mail to this e-mail address. Please check it.',
      notUnderstood: 'The shop did not understand the order. Check your entries, then try again.',
      notStored:
        'The shop could not store this order, and nothing was charged. Sending it again will not help: change the order, or contact the shop.',
      passNotTaken:
        'The shop could not check your turn, and nothing was ordered. This is not your fault. Please try again in a minute, or contact the shop.',
      clocksApart:
        'The shop reports that your turn is over, although it is not: its clocks disagree. Nothing was ordered. Please try again, or contact the shop.',
      unknown: ({ reason }) => `${reason}. Nothing was ordered.`,
      unknownMayRepeat: ({ reason }) => `${reason}. Nothing was ordered: please try again.`,
      noReason: ({ status }) => `The server returned ${status}`,
    },
    line: {
      progress: 'Your progress in the line',
      position: 'Your position',
      leave: {
        label: 'Leave the line',
        question: 'Leave the line? You will lose your place at once.',
        yes: 'Leave',
      },
    },
    acts: {
      join: 'Join the line',
      joinAgain: 'Join the line again',
      tryNow: 'Try now',
      tryAgain: 'Try again',
      signIn: 'Go to the shop',
      toSale: 'Go to the sale',
      toShop: 'Go to the shop',
      toBank: 'Go to your bank',
      stayHere: 'Stay here',
      chooseElse: 'Choose something else',
      changeOrder: 'Change my order',
      anotherCard: 'Try another card',
      orderAgain: 'Order again',
      stay: 'Stay',
      giveTurnBack: {
        label: 'Give my turn back',
        question: 'Give your turn back? Another buyer is admitted at once.',
        yes: 'Give it back',
      },
      cancelOrder: {
        label: 'Cancel this order',
        question: 'Cancel this order? Your items will no longer be reserved, and your turn ends.',
        yes: 'Cancel the order',
      },
      cancelPaidOrder: ({ price, withVoucher }) => ({
        label: 'Cancel this order',
        question: `Cancel this order? We will refund ${price}, and your items go back on sale.${withVoucher ? VOUCHER_STAYS_USED : ''}`,
        yes: 'Cancel the order',
      }),
      cancelFreeOrder: ({ withVoucher }) => ({
        label: 'Cancel this order',
        question: `Cancel this order? Your items go back on sale.${withVoucher ? VOUCHER_STAYS_USED : ''}`,
        yes: 'Cancel the order',
      }),
      keepOrder: 'Keep the order',
    },
    order: {
      voucher: 'Voucher',
      total: 'Total',
      refundMade: 'Refunded',
      refundOnItsWay: 'Refund on its way',
      cancellableFor: ({ clock }) => `You can cancel this order for another ${clock}.`,
      cancelling: 'Cancelling your order…',
      notCancellable: 'This order can no longer be cancelled.',
      item: ({ quantity, name }) => `${number(quantity)} × ${name}`,
      number: ({ number: orderNumber }) => `Order number ${orderNumber}`,
      keptFor: ({ clock }) => `Reserved for ${clock}`,
      timeLeft: ({ clock }) => `${clock} left`,
      turnLeft: ({ clock }) => `${clock} of your turn left`,
    },
    reminder: {
      label: 'Remind me by e-mail',
      hint: 'One mail shortly before the sale opens. We use the address for nothing else, and delete it afterwards.',
      ask: 'Send me a reminder',
      noted: 'We will send you a mail shortly before the sale opens.',
      unreachable: 'The shop cannot be reached, so no reminder was noted. Please try again.',
      rejected: ({ reason }) => `No reminder was noted: ${reason}.`,
      stopped: 'You will receive no more reminders at this address.',
      notStopped: 'This link is damaged, so reminders continue. Use the link in the mail as it is.',
    },
    moreTime: {
      warning: ({ clock }) => `Your time to buy ends in ${clock}.`,
      ask: 'I need more time',
      asking: 'Asking for more time…',
      given: ({ seconds, remaining }) => {
        const given = `${seconds} seconds more.`
        if (remaining === 0) return `${given} After this there is no more.`
        if (remaining === 1) return `${given} You can ask for more time once more.`
        return `${given} You can ask for more time ${remaining} more times.`
      },
      rejected: 'This turn cannot be extended.',
      rejectedByOrder: 'You have ordered in this turn, so it cannot be extended.',
    },
    announcements: {
      connectedAgain: 'Connected again.',
      position: ({ position, etaSeconds }) =>
        etaSeconds === null ? `Position ${position}.` : `Position ${position}, ${about(etaSeconds)}.`,
      timeLeft: ({ seconds }) => `${spoken(seconds)} left to buy.`,
      timeLeftAndMore: ({ seconds }) => `${spoken(seconds)} left to buy. You can ask for more time.`,
      toShop: ({ shop, seconds }) => `It’s your turn. You go to ${shop} in ${spoken(seconds)}.`,
    },
    connectionLost: {
      placeKept: 'Connection lost. Your place is kept; we keep trying.',
      trying: 'Connection lost. We keep trying.',
    },
    windowTitle: {
      position: ({ position, sale }) => `#${position} · ${sale}`,
      screen: ({ title, sale }) => `${title} · ${sale}`,
    },
    promises: {
      kept: 'You keep your place when you reload this page.',
      inTab: 'You can reload this page, but if you close this tab, you lose your place.',
      none: 'If you reload or close this page, you lose your place.',
    },
    warnings: {
      onlyInTab:
        'Your browser does not store cookies for this page. Your place exists in this tab only: do not close it.',
      onlyWhileOpen:
        'Your browser does not store cookies for this page. You lose your place when you reload or close it: leave it open.',
      notEncrypted:
        'This page was loaded over an unencrypted connection. Others in your network can read what you enter.',
    },
    inbox: {
      title: 'Messages about your orders',
      unread: ({ count }) => `Messages about your orders: ${number(count)} new`,
      about: ({ sale, number: order, at }) => `${sale}, order ${order}, ${dateTime(at)}`,
    },
    trouble: {
      what: 'Something on this page did not work. If your action had no effect, reload the page.',
      reload: 'Reload the page',
      close: 'Close',
    },
    clock: ({ seconds }) => {
      const { days } = splitTime(seconds)
      return days === 0 ? clockFigures(seconds) : `${counted(days, 'day')} ${clockFigures(seconds)}`
    },
    figure: ({ value }) => number(value),
  },
  mails: {
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
      'confirmed-late': {
        subject: ({ number, sale }) => `Your order ${number} for ${sale} is confirmed after all`,
        heading: 'Your order is confirmed after all',
        opening: () =>
          'Your payment arrived after the order had expired, but your items were still available, so we have confirmed your order. Thank you.',
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
          'Your payment was declined, so you were not charged, the order was cancelled and your turn is over. The page of the sale shows whether you can join the line again.',
        totalLabel: 'Order total',
      },
      expired: {
        subject: ({ number, sale }) => `Your order ${number} for ${sale} has expired`,
        heading: 'Your order has expired',
        opening: ({ free, withVoucher }) =>
          `The order was not completed in time, so the items are no longer reserved for you.${free ? '' : ` ${withVoucher ? PAYMENT_COMES_BACK : LATE_PAYMENT}`}`,
        totalLabel: 'Order total',
      },
      'cancelled-by-buyer': {
        subject: ({ number, sale }) => `You cancelled your order ${number} for ${sale}`,
        heading: 'You cancelled your order',
        opening: ({ free }) => `The order was cancelled at your request.${free ? '' : ` ${PAYMENT_COMES_BACK}`}`,
        totalLabel: 'Order total',
      },
      'cancelled-by-operator': {
        subject: ({ number, sale }) => `Your order ${number} for ${sale} was cancelled`,
        heading: 'Your order was cancelled',
        opening: ({ free }) => `We are sorry: we had to cancel your order.${free ? '' : ` ${PAYMENT_COMES_BACK}`}`,
        totalLabel: 'Order total',
      },
      refunded: {
        subject: ({ number, sale }) => `The refund for your order ${number} for ${sale} has been made`,
        heading: 'Your refund has been made',
        opening: () =>
          'We have refunded the card or account that you paid with. Your bank may take a few days to show it.',
        totalLabel: 'Refunded',
      },
    },
    reminder: {
      subject: ({ sale }) => `${sale} opens soon`,
      heading: 'The sale opens soon',
      opening: ({ at }) =>
        `The sale opens on ${dateTime(at, 'UTC')}. Open its page before that and leave it open: you join the line automatically.`,
      toPage: 'Go to the sale',
      why: 'You receive this message because this address was entered on the page of the sale, for one reminder.',
      stop: 'Send no more reminders to this address',
    },
    itemColumn: 'Item',
    amountColumn: 'Amount',
    quantityOf: ({ quantity, price }) => `${quantity} × ${price}`,
    free: 'free',
    freeTotalLabel: 'Order total',
    discountLabel: 'Voucher',
    orderNumber: ({ number }) => `Order number ${number}`,
    placedAt: ({ at }) => `Placed on ${dateTime(at, 'UTC')}`,
    viewOrder: 'View your order',
    linkValidity: ({ until }) =>
      `The link works until ${dateTime(until, 'UTC')}, without signing in. Anyone who has it can see this order, so please keep it to yourself.`,
    whyThisMail: ({ sale, order }) =>
      `You receive this message because this address was given for an order in the sale ${sale}. Order id: ${order}`,
  },
  problems: {
    'invalid-request': 'The request is not valid',
    'webhook-refused': 'The webhook is not signed by the payment provider',
    'key-missing': 'An Idempotency-Key header is required',
    unauthorized: 'The operator token is missing or wrong',
    'ticket-missing': 'A ticket is required',
    'ticket-invalid': 'The ticket is not valid',
    'identity-required': 'An ID token of the shop is required',
    'identity-invalid': 'The ID token is not valid',
    'identity-revoked': 'The account or its ID token was revoked',
    'admission-missing': 'An admission is required',
    'admission-invalid': 'The admission is not valid',
    'admission-expired': 'The admission has ended',
    'admission-revoked': 'The admission was given back',
    'link-invalid': 'The link to the order is not valid',
    'link-expired': 'The link to the order has expired',
    'link-forbidden': 'The link belongs to another order',
    'role-too-low': 'The role of this operator token is too low',
    'origin-refused': 'This origin may not connect',
    'not-found': 'This address does not exist',
    'method-not-allowed': 'This address does not support that method',
    'wrong-state': 'The sale is in another state',
    'time-past': 'A time is in the past',
    'revocations-full': 'There are too many revocations',
    'tokens-full': 'There are too many operator tokens',
    'version-conflict': 'The sale was changed meanwhile',
    'line-gone': 'The line of this sale no longer exists',
    'no-turn': 'There is no turn',
    'no-return': 'There is no shop to return to',
    'turn-has-order': 'An order was placed in this turn',
    'extensions-used': 'This turn cannot be extended again',
    'extensions-off': 'Turns of this sale cannot be extended',
    'reminder-late': 'The sale is already open',
    'reminders-full': 'This sale takes no more reminders',
    'sale-not-open': 'The sale has not opened yet',
    'sold-out': 'There is not enough stock',
    'over-limit': 'The order exceeds the limit for one buyer',
    'vouchers-gone': 'All vouchers of this campaign have been claimed',
    'voucher-not-valid': 'The voucher is not valid at this time',
    'voucher-used': 'Another order has this voucher',
    'voucher-terms-fixed': 'Vouchers of this campaign have been issued on other terms',
    'total-below-issued': 'The total is below what is issued',
    'campaigns-full': 'The sale has too many campaigns',
    'order-exists': 'This admission already has its order',
    'order-abandoned': 'The order was not placed, and nothing was charged',
    'too-many-declined': 'Too many payments were declined for this admission',
    'order-not-cancellable': 'The order can no longer be cancelled',
    'order-not-refundable': 'The order has no refund to repeat',
    'refund-not-rejected': 'The refund does not wait for an operator',
    'refund-too-large': 'There is less left to refund',
    'mail-sent': 'The mail server has already accepted this mail',
    'webhook-not-dead': 'The webhook was not given up',
    'endpoint-gone': 'The endpoint of this webhook is not configured',
    'order-parked': 'The order cannot continue in its present state',
    'total-below-sold': 'The total is below what is held and sold',
    'catalogue-conflict': 'The change conflicts with the catalogue',
    'catalogue-changed': 'The catalogue was changed meanwhile',
    'campaign-changed': 'The campaign was changed meanwhile',
    'sale-closed': 'The sale is over',
    'order-gone': 'The order is no longer stored',
    'too-large': 'The body is too large',
    'wrong-media-type': 'The body must be application/json',
    'unknown-sku': 'An item is not in the catalogue',
    'voucher-unknown': 'The buyer has no such voucher',
    'voucher-minimum': 'The order is too small for the voucher',
    'price-changed': 'A price has changed',
    'key-reused': 'The Idempotency-Key belongs to another request',
    'upgrade-required': 'This address accepts only WebSocket connections',
    'request-timeout': 'The request took too long to arrive',
    'too-many-requests': 'Too many requests',
    'too-many-sockets': 'Too many sockets',
    'headers-too-large': 'The header section is too large',
    internal: 'Something went wrong on our side',
    'line-full': 'The line is full',
    busy: 'The service is busy at the moment',
    unavailable: 'A service this needs is not available',
  },
}
