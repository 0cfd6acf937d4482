import { aboutSeconds, dateAndTime, spoken } from '../shared/words.ts'
import { joinRefusalText } from './join-refusals.ts'
import type { OrderRefusal, Screen } from './view-state.ts'

/** What a screen says: what is going on, and what happens next or what to do. */
export interface Text {
  readonly title: string
  readonly lines: readonly string[]
}

const text = (title: string, ...lines: string[]): Text => ({ title, lines })

const turnKept = (secondsLeft: number | null) =>
  secondsLeft === null ? 'You don’t need to do anything.' : 'Your turn is kept; you don’t need to do anything.'

const openingText = (screen: Extract<Screen, { kind: 'not-open' }>) =>
  screen.opensAt === null
    ? text(
        'Not open yet',
        'The shop has not said when it opens.',
        'Leave this page open: as soon as it does, you are put in line without doing anything.',
      )
    : text(
        'Opens soon',
        `The sale opens on ${dateAndTime(screen.opensAt)}.`,
        'Leave this page open: when it does, you are put in line without doing anything.',
      )

const absenceText = (returnSeconds: number | null) => {
  if (returnSeconds === null)
    return 'If you are away when your turn comes, come back soon: your place is kept for a while.'
  if (returnSeconds === 0) return 'If you are away when your turn comes, your place is lost.'
  return `If you are away when your turn comes, your place is kept for ${spoken(returnSeconds)}. After that it is lost.`
}

const waitingText = (screen: Extract<Screen, { kind: 'waiting' | 'paused' | 'recovering' }>) => {
  if (screen.kind === 'paused')
    return text(
      'The sale is paused',
      'Nobody is let in at the moment. Your place in line is kept.',
      'Leave this page open: it goes on by itself.',
    )
  if (screen.kind === 'recovering')
    return text(
      'One moment, please',
      'The line is being put back in order. Your place is kept.',
      'Leave this page open: it goes on by itself.',
    )
  const eta =
    screen.etaSeconds === null ? 'We can’t say yet how long it takes.' : `It takes ${aboutSeconds(screen.etaSeconds)}.`
  return text(
    screen.welcomeBack ? 'Welcome back, your place was kept' : 'You are in line',
    eta,
    ...(screen.overtaken
      ? ['Buyers who were away came back in time. They go before you: that is why your position grew.']
      : []),
    `Leave this page open. You may look at other things meanwhile. ${absenceText(screen.returnSeconds)}`,
  )
}

/** What the buyer can do after the end of a turn. */
const joinAgain = (saleClosed: boolean) =>
  saleClosed
    ? 'The sale has closed meanwhile, so nobody can join any more.'
    : 'You can join the line again, at its end.'

const orderRefusedTexts: Readonly<Record<OrderRefusal, Text>> = {
  'link-expired': text(
    'This link has expired',
    'Links in mails work for a limited time. A newer mail about the order has a newer link.',
    'The browser that you ordered with still shows the order.',
  ),
  'link-invalid': text(
    'This link does not work',
    'It is incomplete, or the shop has changed its keys. Open it once more from the mail, in full.',
    'The browser that you ordered with still shows the order.',
  ),
  gone: text(
    'This order is no longer kept',
    'Orders are deleted some time after the sale.',
    'Your mails about it remain.',
  ),
  nobody: text(
    'This order cannot be shown here',
    'Open the link in the mail about the order, or use the browser that you ordered with.',
  ),
}

/** The words of every screen. */
export const textOf = (screen: Screen): Text => {
  switch (screen.kind) {
    case 'looking':
      return text('One moment…', 'We are looking up your place and your orders in this sale.')
    case 'order-refused':
      return orderRefusedTexts[screen.why]
    case 'joining':
      return text('Joining the line…', 'This takes a moment.')
    case 'may-join':
      return text(
        'You are not in line',
        'Do you want to buy in this sale? Join the line, at its end.',
        'If you have ordered already, the mail about your order has a link to it.',
      )
    case 'join-refused':
      return joinRefusalText(screen.problem)
    case 'not-open':
      return openingText(screen)
    case 'waiting':
    case 'paused':
    case 'recovering':
      return waitingText(screen)
    case 'your-turn':
      return text(
        'It’s your turn',
        ...(screen.saleClosed
          ? ['The sale has closed: nobody else is let in. You can still buy until your time runs out.']
          : []),
      )
    case 'placing':
      return text('Reserving for you…', 'Please leave this page open. Nothing is charged twice.')
    case 'core-down':
      return text(
        'The till doesn’t answer',
        screen.placing
          ? 'Your order was sent, but the shop has not answered yet. We ask again until it does; it is never placed twice.'
          : 'The shop can’t show its goods at the moment. We keep asking.',
        turnKept(screen.secondsLeft),
      )
    case 'sold-out':
      return text(
        'Sold out',
        'Everything has been sold.',
        'If the shop adds more or gets something back while your turn lasts, you can choose it here. Leave this page open, or give your turn back.',
      )
    case 'held-by-others':
      return text(
        'Nothing free at this moment',
        'Other buyers hold all that is left of what you want, and are paying right now. If one of them doesn’t, it may be yours.',
        `We keep asking for you. Leave this page open, or ${screen.others ? 'choose something else' : 'change your order'}.`,
      )
    case 'paying':
      return text(
        'Reserved for you',
        screen.order?.totalMinor === 0
          ? 'There is nothing to pay. Your order is being confirmed.'
          : 'Your payment is on its way. This usually takes a few seconds.',
      )
    case 'confirmed':
      return text(
        'It’s yours',
        screen.order.totalMinor === 0
          ? 'Confirmed, with nothing to pay. We have sent you a mail.'
          : 'Paid and confirmed. We have sent you a mail.',
        'You can close this page.',
      )
    case 'declined':
      if (screen.secondsLeft === null) return text('The card was declined', 'Nothing was charged for this order.')
      return screen.secondsLeft > 0
        ? text('The card was declined', 'Nothing was charged. Your turn is kept: try another card.')
        : text(
            'The card was declined',
            'Nothing was charged, and your time to buy has run out.',
            'You can join the line again.',
          )
    case 'abandoned':
      if (screen.secondsLeft === null) return text('Your order did not go through', 'Nothing was charged for it.')
      return screen.secondsLeft > 0
        ? text('Your order did not go through', 'Nothing was charged. Your turn is kept: order again.')
        : text(
            'Your order did not go through',
            'Nothing was charged, and your time to buy has run out.',
            'You can join the line again.',
          )
    case 'hold-lapsed':
      return text(
        'Your reservation ran out',
        'The payment did not come through in time, so what you chose went back on sale.',
        'If money still arrives, you get it back. You can join the line again.',
      )
    case 'cancelled':
      return text('Order cancelled', 'Nothing is charged for it.', 'You can join the line again.')
    case 'cancelled-by-shop':
      return text(
        'The shop cancelled your order',
        screen.order.totalMinor === 0 ? 'There was nothing to pay.' : 'If you have paid, you get your money back.',
        'A mail tells you more.',
      )
    case 'refund-pending':
      return text(
        'Your money is on its way back',
        'The payment arrived when the order had already ended.',
        'You don’t need to do anything; a mail tells you when it is done.',
      )
    case 'refunded':
      return text('Money returned', 'The whole amount was given back.', 'Your bank may take some days to show it.')
    case 'admission-expired':
      return text('Your time to buy has run out', joinAgain(screen.saleClosed))
    case 'left':
      return text(
        'You are no longer in line',
        'You left, or you were away for too long after your turn came.',
        joinAgain(screen.saleClosed),
      )
    case 'closed':
      return text(
        'This sale is over',
        'Nobody is let in any more.',
        'Thank you for your patience. You can close this page; if the sale is opened again, it goes on by itself.',
      )
    case 'finished':
      return text(
        'You have been in',
        'Your turn has ended, perhaps in another window. If you bought something, a mail tells you so.',
        joinAgain(screen.saleClosed),
      )
  }
}

const placeKinds: readonly Screen['kind'][] = ['waiting', 'paused', 'recovering', 'your-turn']

/** Said above a screen while the server cannot be reached. */
export const lostText = ({ kind }: Screen): string =>
  placeKinds.includes(kind)
    ? 'Connection lost. Your place is kept; we keep trying.'
    : 'Connection lost. We keep trying.'

/** The window's title: what matters while one looks at another tab. */
export const windowTitle = (screen: Screen, saleName: string): string => {
  if (screen.kind === 'waiting' && screen.position !== null) return `#${screen.position} · ${saleName}`
  return `${textOf(screen).title} · ${saleName}`
}
