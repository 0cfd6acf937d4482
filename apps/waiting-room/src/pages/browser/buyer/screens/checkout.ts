import { formatMoney } from '@floodgate/contracts/money'
import { h, setText } from '../../shared/dom.ts'
import { clock } from '../../shared/words.ts'
import { basketProblem, isFree, totalOf } from '../basket.ts'
import { emailComplaint } from '../email-words.ts'
import { refusalText } from '../refusals.ts'
import type { Screen } from '../view-state.ts'
import { itemRow } from './item-row.ts'
import { type Actions, askFirst, type Shown, wording } from './screen.ts'

type YourTurn = Extract<Screen, { kind: 'your-turn' }>

const methods = [
  { value: 'sim_ok', label: 'A card that works', hint: 'Simulated: nothing is charged.' },
  { value: 'sim_declined', label: 'A card that is declined', hint: 'Simulated: see what a refusal looks like.' },
]

const paymentChoice = (chosen: string) =>
  h(
    'fieldset',
    {},
    h('legend', {}, 'Payment'),
    ...methods.map((method) =>
      h(
        'label',
        { class: 'choice' },
        h('input', { type: 'radio', name: 'method', value: method.value, checked: method.value === chosen }),
        h('span', {}, method.label, h('small', {}, method.hint)),
      ),
    ),
  )

/** The buyer's turn: what there is, how many, to which address, with which card, and how long there is for it. */
export const checkoutScreen = (screen: YourTurn, actions: Actions): Shown => {
  const words = wording()
  const left = h('strong', { role: 'timer' })
  const turn = h('p', { class: 'left' }, left, ' left to buy')
  const leave = askFirst({
    label: 'Give my turn back',
    question: 'Give your turn back? Somebody else is let in at once.',
    yes: 'Give it back',
    onYes: actions.leave,
  })
  const { catalogue, draft } = screen
  const updateLeft = (now: YourTurn) => {
    setText(left, clock(now.secondsLeft))
    turn.classList.toggle('hurry', now.secondsLeft <= 30)
  }
  if (catalogue === undefined) {
    return {
      parts: [words.title, turn, h('p', {}, 'Fetching the goods…'), leave],
      focus: words.title,
      update: (now) => {
        words.update(now)
        if (now.kind === 'your-turn') updateLeft(now)
      },
    }
  }

  const alert = h('p', { role: 'alert', class: 'alert', tabindex: -1, id: 'refusal', hidden: true })
  const onlyOne = catalogue.items.filter((item) => item.available > 0).length === 1
  const rows = catalogue.items.map((item) =>
    itemRow({
      item,
      currency: catalogue.currency,
      quantity: draft?.items.find(({ sku }) => sku === item.sku)?.quantity ?? (onlyOne && item.available > 0 ? 1 : 0),
      onChange: () => updateTotal(),
    }),
  )
  const email = h('input', {
    type: 'email',
    id: 'email',
    autocomplete: 'email',
    required: true,
    maxlength: 254,
    'aria-describedby': 'email-hint',
    value: draft?.email ?? '',
  })
  const payment = paymentChoice(draft?.paymentMethod ?? 'sim_ok')
  const buy = h('button', { type: 'submit', class: 'main' })
  const chosen = () =>
    rows.map((row) => ({ sku: row.sku, quantity: row.quantity() })).filter((line) => line.quantity > 0)
  const updateTotal = () => {
    const lines = chosen()
    payment.hidden = isFree(lines, catalogue)
    if (lines.length === 0) setText(buy, payment.hidden ? 'Order for free' : 'Buy')
    else
      setText(
        buy,
        payment.hidden ? 'Order for free' : `Buy for ${formatMoney(totalOf(lines, catalogue), catalogue.currency)}`,
      )
  }
  const complain = (message: string) => {
    setText(alert, message)
    alert.hidden = false
    alert.focus()
  }
  const submit = (event: Event) => {
    event.preventDefault()
    const items = chosen()
    const problem = basketProblem(items, catalogue)
    if (problem !== undefined) return complain(problem)
    const typed = email.value.trim()
    const complaint = emailComplaint(typed)
    email.ariaInvalid = complaint === undefined ? null : 'true'
    if (complaint !== undefined) return complain(complaint)
    const method = form.querySelector<HTMLInputElement>('input[name=method]:checked')
    const paymentMethod = isFree(items, catalogue) ? undefined : (method?.value ?? 'sim_ok')
    actions.buy({ items, email: typed, paymentMethod })
  }
  const form = h(
    'form',
    // What a browser thinks an address is differs from what mail servers take: this page judges alone.
    { onsubmit: submit, novalidate: true },
    alert,
    h('fieldset', { class: 'goods' }, h('legend', {}, 'What would you like?'), ...rows.map((row) => row.element)),
    h(
      'div',
      { class: 'field' },
      h('label', { for: 'email' }, 'E-mail'),
      email,
      h('small', { id: 'email-hint' }, 'For the confirmation, nothing else.'),
    ),
    payment,
    h('div', { class: 'actions' }, buy),
  )
  updateTotal()
  const refusal = screen.problem === undefined ? undefined : refusalText(screen.problem, catalogue)
  if (refusal !== undefined) {
    setText(alert, refusal)
    alert.hidden = false
  }
  return {
    parts: [words.title, turn, form, leave],
    focus: refusal === undefined ? words.title : alert,
    update: (now) => {
      if (now.kind !== 'your-turn') return
      words.update(now)
      updateLeft(now)
      for (const row of rows) row.update(now.catalogue?.items.find(({ sku }) => sku === row.sku))
    },
  }
}
