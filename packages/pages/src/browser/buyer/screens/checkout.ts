import type { PublicCatalogue } from '@floodgate/contracts'
import { formatMoney } from '@floodgate/contracts/money'
import { orderNumber } from '@floodgate/contracts/order-number'
import { isolated } from '@floodgate/texts/formats'
import type { CheckoutTexts, Texts } from '@floodgate/texts/types'
import { h, sentenceWith, setText } from '../../shared/dom.ts'
import { areWhole, basketProblem, isFree, shortageText, totalOf } from '../basket.ts'
import { emailComplaint } from '../email-words.ts'
import type { Draft } from '../model.ts'
import { problemText } from '../problem-texts.ts'
import type { Screen } from '../view-state.ts'
import { changesNotice } from './changes.ts'
import { goods } from './goods.ts'
import { type Actions, askFirst, type BuiltScreen, orderAddress, wording } from './screen.ts'
import { voucherChoice } from './voucher-choice.ts'

type YourTurn = Extract<Screen, { kind: 'your-turn' }>

/** The payment method of an order that is paid for on the provider's own page, where it is chosen. */
const CHOSEN_THERE = 'provider-page'

const methodsOf = (words: CheckoutTexts) => [
  { value: 'sim_ok', ...words.worksMethod },
  { value: 'sim_declined', ...words.declinedMethod },
  { value: 'sim_3ds', ...words.bankMethod },
]

const paymentChoice = (chosen: string, words: CheckoutTexts) =>
  h(
    'fieldset',
    {},
    h('legend', {}, words.payment),
    ...methodsOf(words).map((method) =>
      h(
        'label',
        { class: 'choice' },
        h('input', { type: 'radio', name: 'method', value: method.value, checked: method.value === chosen }),
        h('span', {}, method.label, h('small', {}, method.hint)),
      ),
    ),
  )

const paymentThere = ({ payment, payThere }: CheckoutTexts) =>
  h('div', {}, h('h2', {}, payment), h('p', { class: 'small' }, payThere))

/** Builds the checkout form: items, quantities, address, card, and the time left. */
export function checkoutScreen(screen: YourTurn, actions: Actions, texts: Texts): BuiltScreen {
  const { checkout, acts, clock } = texts.pages
  const words = wording(texts)
  const left = h('strong', { role: 'timer' })
  const turn = h('p', { class: 'left' }, ...sentenceWith(left, (mark) => checkout.timeLeft({ clock: mark })))
  const leave = askFirst(acts.giveTurnBack, { stay: acts.stay, onYes: actions.leave })
  const { catalogue, draft } = screen
  const updateLeft = (now: YourTurn) => {
    setText(left, clock({ seconds: now.secondsLeft }))
    turn.classList.toggle('hurry', now.secondsLeft <= 30)
  }
  if (catalogue === undefined) {
    return {
      parts: [words.title, words.lines, turn, h('p', {}, checkout.fetching), leave],
      focus: words.title,
      update: (now) => {
        words.update(now)
        if (now.kind === 'your-turn') updateLeft(now)
      },
    }
  }

  const rejectionOf = (now: YourTurn) =>
    now.problem === undefined || now.catalogue === undefined
      ? ''
      : problemText(now.problem, { catalogue: now.catalogue, lines: now.draft?.items ?? [] }, texts)
  const alert = h('p', { role: 'alert', class: 'alert', tabindex: -1, id: 'rejection', hidden: true })
  let rejection = ''
  const complain = (message: string) => {
    setText(alert, message)
    alert.hidden = message === ''
  }
  const earlier = h('p', { hidden: true })
  const updateEarlier = ({ problem, earlier: order }: YourTurn) => {
    earlier.hidden = problem?.code !== 'over-limit' || order === undefined
    // In another window: the turn continues in this one.
    if (!earlier.hidden && order !== undefined && earlier.childElementCount === 0)
      earlier.append(
        h(
          'a',
          { href: orderAddress(order), target: '_blank' },
          checkout.earlierOrder({ number: isolated(orderNumber(order.id), texts.direction) }),
        ),
      )
  }
  const list = goods({ catalogue, draft, onChange: () => onChange(), texts })
  const changes = changesNotice({ catalogue, changes: screen.changes, areNews: screen.problem === undefined, texts })
  const short = h('p', { role: 'status', class: 'small' })
  const email = h('input', {
    type: 'email',
    id: 'email',
    autocomplete: 'email',
    required: true,
    maxlength: 254,
    dir: 'ltr',
    'aria-describedby': 'email-hint',
    value: draft?.email ?? '',
  })
  const voucher = voucherChoice({
    ...{ chosen: draft?.voucher, currency: catalogue.currency, texts },
    onChoose: actions.claim,
  })
  const payment = actions.paysElsewhere
    ? paymentThere(checkout)
    : paymentChoice(draft?.paymentMethod ?? 'sim_ok', checkout)
  const buy = h('button', { type: 'submit', class: 'main' })
  const leftToPay = (lines: Draft['items'], now: PublicCatalogue): number => {
    const subtotal = totalOf(lines, now)
    return subtotal - voucher.discountOn(subtotal)
  }
  const costsNothing = (lines: Draft['items'], now: PublicCatalogue): boolean =>
    isFree(lines, now) || (lines.length > 0 && areWhole(lines) && leftToPay(lines, now) === 0)
  const labelFor = (lines: Draft['items'], now: PublicCatalogue) => {
    if (costsNothing(lines, now)) return checkout.orderForFree
    if (lines.length === 0 || !areWhole(lines)) return checkout.buy
    return checkout.buyFor({ price: formatMoney(leftToPay(lines, now), now.currency, texts.language) })
  }
  const updateTotal = () => {
    const lines = list.lines()
    const now = list.catalogue()
    payment.hidden = costsNothing(lines, now)
    setText(buy, labelFor(lines, now))
    setText(short, shortageText(lines, now, texts))
  }
  function onChange() {
    // The buyer is correcting the reported mistake.
    if (alert.textContent !== rejection) complain('')
    const filled = filledIn()
    changes.choose(filled.items)
    updateTotal()
    // Invalid quantities are not stored.
    actions.fill({ ...filled, items: filled.items.filter((line) => areWhole([line])) })
  }
  const filledIn = (): Draft => {
    const method = form.querySelector<HTMLInputElement>('input[name=method]:checked')
    const { currency } = list.catalogue()
    const paymentMethod = actions.paysElsewhere ? CHOSEN_THERE : (method?.value ?? 'sim_ok')
    return {
      ...{ items: list.lines(), currency, email: email.value.trim(), paymentMethod },
      ...(voucher.campaign() === undefined ? {} : { voucher: voucher.campaign() }),
    }
  }
  const submit = (event: Event) => {
    event.preventDefault()
    const filled = filledIn()
    if (changes.mustLookAgain(filled.items)) return
    const problem =
      basketProblem(filled.items, list.catalogue(), texts) ??
      (voucher.complaintAbout(totalOf(filled.items, list.catalogue())) || complaintAbout(filled.email))
    if (problem !== undefined) {
      complain(problem)
      alert.focus()
      return
    }
    actions.buy(costsNothing(filled.items, list.catalogue()) ? { ...filled, paymentMethod: undefined } : filled)
  }
  const complaintAbout = (typed: string): string | undefined => {
    const complaint = emailComplaint(typed, texts)
    email.ariaInvalid = complaint === undefined ? null : 'true'
    return complaint
  }
  const form = h(
    'form',
    // Browsers accept other addresses than mail servers: only this page validates.
    { onsubmit: submit, oninput: () => onChange(), novalidate: true },
    alert,
    earlier,
    changes.element,
    list.element,
    short,
    h(
      'div',
      { class: 'field' },
      h('label', { for: 'email' }, checkout.email),
      email,
      h('small', { id: 'email-hint' }, checkout.emailHint),
    ),
    voucher.element,
    payment,
    h('div', { class: 'actions' }, buy),
  )
  voucher.update(screen)
  updateTotal()
  rejection = rejectionOf(screen)
  complain(rejection)
  updateEarlier(screen)
  return {
    parts: [words.title, words.lines, turn, form, leave],
    focus: rejection === '' ? words.title : alert,
    update: (now) => {
      if (now.kind !== 'your-turn' || now.catalogue === undefined) return
      words.update(now)
      updateLeft(now)
      updateEarlier(now)
      if (voucher.update(now)) updateTotal()
      if (now.catalogue !== list.catalogue()) {
        changes.update(now.changes, { catalogue: now.catalogue, lines: list.lines() })
        list.update(now.catalogue)
        updateTotal()
      }
      // Data that contradict a rejection remove its message; the units left are shown by figures that update.
      if (now.problem === undefined && rejection !== '') {
        if (alert.textContent === rejection) complain('')
        rejection = ''
      }
    },
  }
}
