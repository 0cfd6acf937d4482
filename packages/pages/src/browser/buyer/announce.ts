import { isolated } from '@floodgate/texts/formats'
import type { Texts } from '@floodgate/texts/types'
import { setText } from '../shared/dom.ts'
import type { TimeNotice } from './more-time.ts'
import { isPaymentDelayed } from './order-screen.ts'
import { timeNoticeText } from './screens/more-time.ts'
import { lostText, textOf } from './texts.ts'
import type { ToShopScreen } from './to-shop.ts'
import type { View } from './view-state.ts'

/** The last announcements, so that nothing is repeated and small changes are skipped. */
export interface Announced {
  readonly screen: string
  readonly position: number | null
  readonly secondsLeft: number | null
  readonly lost: boolean
  /** The sale has closed during this buyer's turn. */
  readonly closed: boolean
  /** The payment takes longer than usual. */
  readonly delayed: boolean
  /** The page goes to the shop by itself. */
  readonly goes: boolean
  /** The last announcement about the end of the turn. */
  readonly time: AnnouncedTime
}

type AnnouncedTime = TimeNotice['kind'] | 'may-ask' | undefined

const announcedOf = (time: TimeNotice | undefined): AnnouncedTime =>
  time?.kind === 'warning' && time.canAsk ? 'may-ask' : time?.kind

const marksSeconds = [300, 60, 30, 10]

const positionWorthSaying = (said: number | null, position: number | null): boolean => {
  if (position === null || said === position) return false
  if (said === null) return true
  // At half of the last announced position, and each of the last steps.
  return position <= said / 2 || position <= 3
}

const crossedMark = (said: number | null, left: number): boolean =>
  marksSeconds.some((mark) => left <= mark && (said === null ? false : said > mark))

/**
 * Returns what a screen reader announces about this change, undefined for nothing. A new screen is not announced here:
 * the focus moves to its heading, which is read by itself.
 */
export function announcementOf(
  said: Announced | undefined,
  view: View,
  texts: Texts,
): { text: string | undefined; said: Announced } {
  const { announcements } = texts.pages
  const { screen } = view
  const position = 'position' in screen ? screen.position : null
  const isTurn = screen.kind === 'your-turn' || screen.kind === 'sold-out' || screen.kind === 'no-goods'
  const secondsLeft = isTurn || screen.kind === 'to-shop' ? screen.secondsLeft : null
  const going = screen.kind === 'to-shop' ? goingText(screen, texts) : undefined
  const closed = screen.kind === 'your-turn' && screen.saleClosed
  const delayed = screen.kind === 'paying' && isPaymentDelayed(screen)
  const fresh = said === undefined || said.screen !== screen.kind
  const now: Announced = {
    screen: screen.kind,
    position,
    secondsLeft,
    lost: view.lost,
    closed,
    delayed,
    goes: going !== undefined,
    time: announcedOf(view.time),
  }
  if (said !== undefined && said.lost !== view.lost) {
    const text = view.lost ? lostText(screen, texts) : announcements.connectedAgain
    return { text, said: { ...now, position: fresh ? position : said.position, time: said.time } }
  }
  // Also where the page loads into a turn that is about to end, or learns later that more time is available.
  const isWithoutMore = now.time === 'warning' && said?.time === 'may-ask'
  if (view.time !== undefined && now.time !== said?.time && !isWithoutMore)
    return { text: timeAnnouncement(view.time, texts), said: now }
  // Its time is too short for a buyer to find it below the heading.
  if (going !== undefined && said?.goes !== true) return { text: going, said: now }
  if (fresh) return { text: undefined, said: now }
  if (screen.kind === 'waiting' && position !== null && positionWorthSaying(said.position, position))
    return { text: announcements.position({ position, etaSeconds: screen.etaSeconds }), said: now }
  if ((closed && !said.closed) || (screen.kind === 'paying' && delayed !== said.delayed))
    return { text: textOf(screen, texts).lines.join(texts.pages.betweenSentences), said: now }
  if (secondsLeft !== null && crossedMark(said.secondsLeft, secondsLeft))
    return { text: announcements.timeLeft({ seconds: secondsLeft }), said: now }
  return { text: undefined, said: { ...now, position: said.position } }
}

const goingText = ({ shop, goesInSeconds }: ToShopScreen, { pages, direction }: Texts): string | undefined =>
  shop === undefined || goesInSeconds === null
    ? undefined
    : pages.announcements.toShop({ shop: isolated(shop, direction), seconds: goesInSeconds })

const timeAnnouncement = (time: TimeNotice, texts: Texts): string => {
  const { announcements } = texts.pages
  if (time.kind !== 'warning') return timeNoticeText(time, texts)
  const { secondsLeft: seconds, canAsk } = time
  return canAsk ? announcements.timeLeftAndMore({ seconds }) : announcements.timeLeft({ seconds })
}

export function createAnnouncer(region: Element, texts: Texts) {
  let said: Announced | undefined
  return function announce(view: View): void {
    const announcement = announcementOf(said, view, texts)
    said = announcement.said
    if (announcement.text !== undefined) setText(region, announcement.text)
  }
}
