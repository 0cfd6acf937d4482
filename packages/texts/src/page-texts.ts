import type { CheckoutTexts, ProblemTexts } from './checkout-texts.ts'
import type { DocumentTexts } from './document-texts.ts'
import type { ClockText, Question, Words } from './text-kinds.ts'

export type * from './checkout-texts.ts'
export type * from './document-texts.ts'
export type * from './text-kinds.ts'

interface NotCharged {
  /** On the order's own page, which has no turn. */
  readonly alone: Words
  readonly turnKept: Words
  readonly timeOver: Words
  /** It was the last attempt of the turn. */
  readonly triesUsed: Words
  /** The turn was given back, or is unknown. */
  readonly turnOver: Words
}

export interface ScreenTexts {
  readonly looking: Words
  readonly joining: Words
  readonly mayJoin: Words
  /** The same, for a closed sale. */
  readonly mayNotJoin: Words
  readonly notOpen: {
    readonly unknown: Words
    /** Includes the zone. */
    soon(of: { readonly at: Date }): Words
    readonly anyMoment: string
  }
  readonly paused: Words
  readonly recovering: Words
  readonly waiting: {
    readonly title: string
    readonly titleAfterAbsence: string
    readonly etaUnknown: string
    eta(of: { readonly seconds: number }): string
    readonly overtaken: string
    /** Nothing can be ordered at the moment. */
    readonly heldByOthers: string
    readonly soldOut: string
    readonly stay: string
    /** What happens to a buyer who is away when the turn comes. */
    readonly absenceUnknown: string
    readonly absenceLoses: string
    absenceKeeps(of: { readonly seconds: number }): string
  }
  readonly yourTurn: { readonly title: string; readonly saleClosed: string }
  /** An admitted buyer returns to the shop. `shop`: its host. */
  readonly toShop: {
    /** The page does not know the way yet. */
    readonly asking: string
    /** The page goes by itself. */
    going(of: { readonly shop: string }): string
    byClick(of: { readonly shop: string }): string
    goesIn(of: { readonly seconds: number }): string
    /** The buyer was sent there a moment ago. */
    readonly sentBack: string
    readonly failing: string
  }
  readonly placing: Words
  readonly coreDown: {
    readonly title: string
    readonly orderSent: string
    readonly goodsMissing: string
    readonly nothingToDo: string
    readonly turnKept: string
  }
  /** The order core has no catalogue. */
  readonly noGoods: Words
  readonly soldOut: Words
  readonly heldByOthers: { readonly orElse: Words; readonly orLess: Words }
  /** `delayed`: payments take longer than usual. */
  readonly paying: { readonly free: Words; readonly charged: Words; readonly delayed: Words }
  /** The buyer has to agree on a page of the bank; `back`: after the return from it, until the decision is known. */
  readonly atBank: { readonly before: Words; readonly back: Words }
  readonly confirmed: {
    readonly free: Words
    readonly charged: Words
    /** The payment came after the reservation had expired. */
    readonly late: Words
  }
  /** A paid order of which some was refunded, or is about to be; `free`: there was nothing to pay. */
  readonly refundedInPart: { readonly free: Words; readonly charged: Words }
  readonly declined: NotCharged
  readonly abandoned: NotCharged
  /** A late payment of an order with a voucher is refunded; without one it may confirm the order. */
  readonly holdLapsed: { readonly withVoucher: Words; readonly withoutVoucher: Words }
  readonly cancelled: Words
  readonly cancelledByShop: { readonly free: Words; readonly charged: Words }
  readonly refundPending: {
    /** The payment came after the order was over. */
    readonly late: Words
    /** The order was paid, and cancelled afterwards. */
    readonly paid: Words
  }
  readonly refunded: { readonly free: Words; readonly charged: Words }
  readonly admissionExpired: Words
  readonly left: Words
  readonly finished: Words
  /** The same, where the shop has the orders. */
  readonly finishedAtShop: Words
  /** A turn that was over before its time, while the form was open. */
  readonly turnOver: { readonly triesUsed: Words; readonly givenBack: Words }
  /** The last line of all screens after a turn. */
  readonly mayJoinAgain: string
  readonly saleClosedMeanwhile: string
  readonly closed: Words
  readonly orderRejected: Readonly<Record<'link-expired' | 'link-invalid' | 'gone' | 'nobody', Words>>
}

export interface JoinProblemTexts {
  readonly lineFull: Words
  readonly tooManyRequests: Words
  readonly originRejected: Words
  readonly notFound: Words
  readonly busy: Words
  /** The sale requires an account of the shop, and the page has none. */
  readonly identityRequired: Words
  /** The sign-in at the shop expired, or is not valid. */
  readonly identityInvalid: Words
  readonly identityRevoked: Words
  /** `reason` is the title of the problem, in this language. */
  unknown(of: { readonly reason: string }): Words
}

export interface PageTexts {
  /** The separator between two sentences of a paragraph. */
  readonly betweenSentences: string
  readonly documents: DocumentTexts
  readonly screens: ScreenTexts
  readonly joinRejections: JoinProblemTexts
  readonly checkout: CheckoutTexts
  readonly rejections: ProblemTexts
  readonly line: {
    readonly progress: string
    readonly position: string
    readonly leave: Question
  }
  /** Labels of buttons. */
  readonly acts: {
    readonly join: string
    readonly joinAgain: string
    readonly tryNow: string
    readonly tryAgain: string
    /** Leads to the shop, where a buyer signs in. */
    readonly signIn: string
    readonly toSale: string
    readonly toShop: string
    readonly toBank: string
    /** Stops the countdown. */
    readonly stayHere: string
    readonly chooseElse: string
    readonly changeOrder: string
    readonly anotherCard: string
    readonly orderAgain: string
    /** Declines a confirmation. */
    readonly stay: string
    readonly giveTurnBack: Question
    readonly cancelOrder: Question
    /** The order is paid: `price` is what its buyer gets back. */
    cancelPaidOrder(of: { readonly price: string; readonly withVoucher: boolean }): Question
    /** The order is confirmed, and cost nothing. */
    cancelFreeOrder(of: { readonly withVoucher: boolean }): Question
    readonly keepOrder: string
  }
  readonly order: {
    /** Before the amount that a voucher takes off. */
    readonly voucher: string
    readonly total: string
    readonly refundMade: string
    readonly refundOnItsWay: string
    /** For how long a paid order can still be cancelled. */
    readonly cancellableFor: ClockText
    readonly cancelling: string
    readonly notCancellable: string
    item(of: { readonly quantity: number; readonly name: string }): string
    number(of: { readonly number: string }): string
    readonly keptFor: ClockText
    readonly timeLeft: ClockText
    readonly turnLeft: ClockText
  }
  /** Messages about the end of a turn, above its screen. */
  /** A mail before the opening. */
  readonly reminder: {
    readonly label: string
    readonly hint: string
    readonly ask: string
    readonly noted: string
    readonly unreachable: string
    rejected(of: { readonly reason: string }): string
    /** The buyer came by the link of a mail that ends reminders. */
    readonly stopped: string
    readonly notStopped: string
  }
  readonly moreTime: {
    readonly warning: ClockText
    readonly ask: string
    readonly asking: string
    given(of: { readonly seconds: number; readonly remaining: number }): string
    readonly rejected: string
    readonly rejectedByOrder: string
  }
  /** Read out to screen-reader users. */
  readonly announcements: {
    readonly connectedAgain: string
    position(of: { readonly position: number; readonly etaSeconds: number | null }): string
    timeLeft(of: { readonly seconds: number }): string
    /** The same, where more time is available. */
    timeLeftAndMore(of: { readonly seconds: number }): string
    toShop(of: { readonly shop: string; readonly seconds: number }): string
  }
  readonly connectionLost: { readonly placeKept: string; readonly trying: string }
  readonly windowTitle: {
    position(of: { readonly position: number; readonly sale: string }): string
    screen(of: { readonly title: string; readonly sale: string }): string
  }
  /** What the page guarantees about the place, as far as the browser allows. */
  readonly promises: { readonly kept: string; readonly inTab: string; readonly none: string }
  readonly warnings: { readonly onlyInTab: string; readonly onlyWhileOpen: string; readonly notEncrypted: string }
  /** The buyer's messages about orders: the label of their list, and what each is about. */
  readonly inbox: {
    readonly title: string
    unread(of: { readonly count: number }): string
    about(of: { readonly sale: string; readonly number: string; readonly at: Date }): string
  }
  readonly trouble: { readonly what: string; readonly reload: string; readonly close: string }
  /** A countdown in figures: `0:42`, `1:02:03`, `2 days 3:04:05`. */
  clock(of: { readonly seconds: number }): string
  figure(of: { readonly value: number }): string
}
