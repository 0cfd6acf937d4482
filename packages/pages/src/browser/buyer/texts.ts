import { isolated } from '@floodgate/texts/formats'
import type { ScreenTexts, Texts, Words } from '@floodgate/texts/types'
import { joinProblemText } from './join-problems.ts'
import { hasVoucher, isPaymentDelayed } from './order-screen.ts'
import type { ToShopScreen } from './to-shop.ts'
import type { Again, NamedOrder, Screen } from './view-state.ts'

type Waiting = Extract<Screen, { kind: 'waiting' | 'paused' | 'recovering' }>

const absenceText = (returnSeconds: number | null, { waiting }: ScreenTexts): string => {
  if (returnSeconds === null) return waiting.absenceUnknown
  return returnSeconds === 0 ? waiting.absenceLoses : waiting.absenceKeeps({ seconds: returnSeconds })
}

const SUPPLY_WORDS = { available: [], held: ['heldByOthers'], 'sold-out': ['soldOut'] } as const

const waitingText = (screen: Waiting, { pages }: Texts): Words => {
  const { waiting, paused, recovering } = pages.screens
  if (screen.kind !== 'waiting') return screen.kind === 'paused' ? paused : recovering
  return {
    title: screen.welcomeBack ? waiting.titleAfterAbsence : waiting.title,
    lines: [
      // A page that was loaded before a deployment may get a word that it does not know.
      ...(SUPPLY_WORDS[screen.supply ?? 'available'] ?? []).map((word) => waiting[word]),
      screen.etaSeconds === null ? waiting.etaUnknown : waiting.eta({ seconds: screen.etaSeconds }),
      ...(screen.overtaken ? [waiting.overtaken] : []),
      [waiting.stay, absenceText(screen.returnSeconds, pages.screens)].join(pages.betweenSentences),
    ],
  }
}

const toShopLines = (screen: ToShopScreen, { pages, direction }: Texts): readonly string[] => {
  const { toShop } = pages.screens
  if (screen.failing && !screen.isFresh) return [toShop.failing, pages.screens.coreDown.turnKept]
  if (screen.shop === undefined) return [toShop.asking]
  const shop = isolated(screen.shop, direction)
  if (screen.goesInSeconds !== null) return [toShop.going({ shop })]
  return screen.sentBack ? [toShop.byClick({ shop }), toShop.sentBack] : [toShop.byClick({ shop })]
}

const coreDownText = (
  { placing, secondsLeft }: Extract<Screen, { kind: 'core-down' }>,
  { coreDown }: ScreenTexts,
): Words => ({
  title: coreDown.title,
  lines: [
    placing ? coreDown.orderSent : coreDown.goodsMissing,
    secondsLeft === null ? coreDown.nothingToDo : coreDown.turnKept,
  ],
})

/** Texts for an order that was not charged, and whose turn is over. */
const endWords = { time: 'timeOver', tries: 'triesUsed', other: 'turnOver' } as const

const isFree = (order: NamedOrder | undefined): boolean => order?.totalMinor === 0
const byPrice = (words: { free: Words; charged: Words }, order: NamedOrder | undefined): Words =>
  isFree(order) ? words.free : words.charged

/** Returns the text of every screen. */
export function textOf(screen: Screen, texts: Texts): Words {
  const { screens } = texts.pages
  /** Adds whether the line can be joined again, where the page knows it. */
  const withJoining = ({ title, lines }: Words, { again }: { readonly again: Again }): Words => {
    if (again === 'unknown') return { title, lines }
    return { title, lines: [...lines, again === 'yes' ? screens.mayJoinAgain : screens.saleClosedMeanwhile] }
  }
  const notCharged = (words: ScreenTexts['declined'], shown: Extract<Screen, { kind: 'declined' | 'abandoned' }>) => {
    if (shown.secondsLeft === null) return words.alone
    return shown.secondsLeft > 0 ? words.turnKept : withJoining(words[endWords[shown.endedBy]], shown)
  }
  switch (screen.kind) {
    case 'looking':
      return screens.looking
    case 'order-rejected':
      return screens.orderRejected[screen.why]
    case 'joining':
      return screens.joining
    case 'may-join':
      return screen.again === 'no' ? screens.mayNotJoin : screens.mayJoin
    case 'join-rejected':
      return joinProblemText(screen.problem, texts)
    case 'not-open':
      return screen.opensAt === null ? screens.notOpen.unknown : screens.notOpen.soon({ at: new Date(screen.opensAt) })
    case 'waiting':
    case 'paused':
    case 'recovering':
      return waitingText(screen, texts)
    case 'your-turn':
      return {
        title: screens.yourTurn.title,
        lines: screen.saleClosed ? [screens.yourTurn.saleClosed] : [],
      }
    case 'to-shop':
      return { title: screens.yourTurn.title, lines: toShopLines(screen, texts) }
    case 'placing':
      return screens.placing
    case 'core-down':
      return coreDownText(screen, screens)
    case 'no-goods':
      return screens.noGoods
    case 'sold-out':
      return screens.soldOut
    case 'held-by-others':
      return screen.others ? screens.heldByOthers.orElse : screens.heldByOthers.orLess
    case 'paying':
      return isPaymentDelayed(screen) ? screens.paying.delayed : byPrice(screens.paying, screen.order)
    case 'at-bank':
      return screen.back ? screens.atBank.back : screens.atBank.before
    case 'confirmed':
      return screen.order.revived === true ? screens.confirmed.late : byPrice(screens.confirmed, screen.order)
    case 'refunded-in-part':
      return byPrice(screens.refundedInPart, screen.order)
    case 'declined':
      return notCharged(screens.declined, screen)
    case 'abandoned':
      return notCharged(screens.abandoned, screen)
    case 'hold-lapsed':
      return withJoining(screens.holdLapsed[hasVoucher(screen.order) ? 'withVoucher' : 'withoutVoucher'], screen)
    case 'cancelled':
      return withJoining(screens.cancelled, screen)
    case 'cancelled-by-shop':
      return byPrice(screens.cancelledByShop, screen.order)
    case 'refund-pending':
      return screens.refundPending[screen.order.refundsMinor === undefined ? 'late' : 'paid']
    case 'refunded':
      return byPrice(screens.refunded, screen.order)
    case 'admission-expired':
      return withJoining(screens.admissionExpired, screen)
    case 'turn-over':
      return withJoining(screen.why === 'tries-used' ? screens.turnOver.triesUsed : screens.turnOver.givenBack, screen)
    case 'left':
      return withJoining(screens.left, screen)
    case 'closed':
      return screens.closed
    case 'finished':
      return withJoining(screen.atShop ? screens.finishedAtShop : screens.finished, screen)
  }
}

const placeKinds: readonly Screen['kind'][] = ['waiting', 'paused', 'recovering', 'your-turn', 'to-shop', 'no-goods']

/** Returns the message above a screen while the server is unreachable. */
export function lostText({ kind }: Screen, { pages: { connectionLost } }: Texts): string {
  return placeKinds.includes(kind) ? connectionLost.placeKept : connectionLost.trying
}

/** Returns the window's title: what matters while the buyer looks at another tab. */
export function windowTitle(screen: Screen, { saleName, texts }: { saleName: string; texts: Texts }): string {
  const { windowTitle: titles } = texts.pages
  const sale = isolated(saleName, texts.direction)
  if (screen.kind === 'waiting' && screen.position !== null) return titles.position({ position: screen.position, sale })
  return titles.screen({ title: textOf(screen, texts).title, sale })
}
