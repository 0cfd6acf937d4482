import type { EmailProblem } from '@floodgate/contracts'
import type { ClockText } from './text-kinds.ts'

/** The name of an item, ready for display. */
interface Named {
  readonly name: string
}

/** An amount as the language formats it. */
interface Priced extends Named {
  readonly price: string
}

interface Method {
  readonly label: string
  readonly hint: string
}

/** The choice of a voucher. `value` is a share in percent. */
export interface VoucherTexts {
  readonly legend: string
  readonly none: string
  amount(of: Priced): string
  percent(of: Named & { readonly value: number }): string
  /** `price` is the most that it takes off. */
  capped(of: Priced & { readonly value: number }): string
  minimum(of: { readonly price: string }): string
  readonly gone: string
  readonly claiming: string
  readonly yours: string
  belowMinimum(of: { readonly price: string }): string
}

/** The checkout form of a buyer whose turn has come. */
export interface CheckoutTexts {
  /** Contains `clock` once: an element of its own shows it. */
  readonly timeLeft: ClockText
  readonly fetching: string
  readonly goods: string
  fewer(of: Named): string
  more(of: Named): string
  /** Read out before an item's regular price; not visible. */
  readonly insteadOf: string
  readonly email: string
  readonly emailHint: string
  readonly payment: string
  readonly worksMethod: Method
  readonly declinedMethod: Method
  readonly bankMethod: Method
  /** In place of the methods, where the buyer pays on the provider's own page. */
  readonly payThere: string
  readonly buy: string
  buyFor(of: { readonly price: string }): string
  readonly orderForFree: string
  readonly voucher: VoucherTexts
  earlierOrder(of: { readonly number: string }): string
  readonly free: string
  readonly soldOut: string
  allTaken(of: { readonly limit: number }): string
  few(of: { readonly count: number; readonly limit: number }): string
  available(of: { readonly limit: number }): string
  /** Fewer units are left than the buyer wants. */
  shortage(of: Named & { readonly count: number }): string
  readonly chooseSomething: string
  wholeNumber(of: Named): string
  atMostItems(of: { readonly max: number }): string
  atMostOf(of: Named & { readonly limit: number }): string
  readonly emailProblems: Readonly<Record<EmailProblem, string>>
  /** Changes while the form is open. */
  readonly changes: {
    readonly heading: string
    readonly over: string
    readonly advice: string
    freeNow(of: Named): string
    notFree(of: Priced): string
    price(of: Priced & { readonly was: string }): string
    name(of: Named & { readonly was: string }): string
    limit(of: Named & { readonly limit: number }): string
    soldOut(of: Named): string
    back(of: Named): string
    added(of: Named): string
    removed(of: Named): string
    backNotInOrder(of: Named): string
  }
}

/** Explains why an order was rejected, and what to do about it. */
export interface ProblemTexts {
  overLimit: {
    readonly all: string
    of(of: Named): string
    already(of: Named): string
    together(of: Named & { readonly limit: number }): string
  }
  readonly priceChanged: string
  readonly buyAgain: string
  freeNow(of: Named): string
  costsNow(of: Priced): string
  soldOut(of: Named): string
  heldByOthers(of: Named): string
  onlyLeft(of: Named & { readonly count: number }): string
  readonly chooseAgain: string
  readonly unknownItem: string
  readonly abandoned: string
  readonly changedAfterSending: string
  readonly notFreeAnyMore: string
  readonly email: string
  readonly notUnderstood: string
  readonly notStored: string
  /** The admission is rejected, although the turn lasts. */
  readonly passNotTaken: string
  readonly clocksApart: string
  /** For a code without its own text: `reason` is the title of the problem, in this language. */
  unknown(of: { readonly reason: string }): string
  unknownMayRepeat(of: { readonly reason: string }): string
  /** The reason of a response without a title, such as a proxy's. */
  noReason(of: { readonly status: number }): string
}
