import { h, setText } from '../shared/dom.ts'
import { type LocalTime, localValueOf, readLocalTime, zonedText } from './local-time.ts'

const SKIPPED = 'Clocks go forward over this time, so it does not exist.'

/** What is said below a field: which instant is meant, or why none is. */
function noteOf(time: LocalTime, meant: string | null): string {
  switch (time.kind) {
    case 'none':
      return ''
    case 'once':
      return zonedText(time.at)
    case 'skipped':
      return `${SKIPPED} They then show ${zonedText(time.at)}.`
    case 'twice':
      return `Clocks go back over this time, so it comes twice. Meant: the ${isSecondOf(time, meant) ? 'second' : 'first'}, ${zonedText(meant ?? time.at)}`
  }
}

/** Which of the two instants is meant, where the clock shows a time twice. */
const choiceOfTwo = ({ name, label, onChange }: { name: string; label: string; onChange(): void }) => {
  const option = (value: string) => {
    const input = h('input', { type: 'radio', name: `${name}-which`, value, onchange: onChange })
    const text = h('span')
    return { input, text, element: h('label', { class: 'choice' }, input, text) }
  }
  const [first, second] = [option('first'), option('second')]
  first.input.checked = true
  return {
    element: h(
      'fieldset',
      { class: 'twice', hidden: true },
      h('legend', {}, `${label}, which of the two`),
      first.element,
      second.element,
    ),
    choose: (isSecond: boolean) => {
      first.input.checked = !isSecond
      second.input.checked = isSecond
    },
    isSecond: () => second.input.checked,
    update: (time: Extract<LocalTime, { kind: 'twice' }>) => {
      setText(first.text, `The first, ${zonedText(time.at)}`)
      setText(second.text, `The second, ${zonedText(time.second)}`)
    },
  }
}

/** A time in the browser's zone, which the note below it spells out. One that does not exist is refused; of one that comes twice, either can be chosen. */
export function timeField(options: { name: string; label: string; at: string | null }) {
  const { name, label } = options
  let shown = options.at
  /** As the browser holds it: it may write the same time in fewer digits. */
  let shownValue = ''
  // With seconds, as a time may have been set elsewhere.
  const input = h('input', { name, type: 'datetime-local', step: 'any', autocomplete: 'off' })
  const note = h('small', { role: 'status' })
  const which = choiceOfTwo({ name, label, onChange: () => say() })
  const meant = (time: LocalTime): string | null => {
    if (time.kind === 'none') return null
    return time.kind === 'twice' && which.isSecond() ? time.second : time.at
  }
  /** Digits that the field does not hold are no change. */
  const isShown = () => {
    if (input.value !== shownValue) return false
    const time = readLocalTime(input.value)
    return time.kind !== 'twice' || which.isSecond() === isSecondOf(time, shown)
  }
  function say() {
    const time = readLocalTime(input.value)
    which.element.hidden = time.kind !== 'twice'
    if (time.kind === 'twice') which.update(time)
    input.setCustomValidity(time.kind === 'skipped' ? SKIPPED : '')
    input.ariaInvalid = time.kind === 'skipped' ? 'true' : null
    setText(note, noteOf(time, isShown() ? shown : meant(time)))
  }
  const show = (at: string | null) => {
    shown = at
    input.value = localValueOf(at)
    shownValue = input.value
    const time = readLocalTime(input.value)
    which.choose(time.kind === 'twice' && isSecondOf(time, at))
    say()
  }
  input.addEventListener('input', say)
  show(shown)
  return {
    element: h('div', { class: 'field time' }, h('label', { class: 'field' }, label, input), note, which.element),
    show,
    isTouched: () => !isShown(),
    /** Untouched, it is what was shown. */
    read: (): string | null => (isShown() ? shown : meant(readLocalTime(input.value))),
  }
}

/** Seconds that the field does not show do not matter. */
const isSecondOf = ({ second }: { readonly second: string }, at: string | null): boolean =>
  at !== null && Date.parse(at) >= Date.parse(second)

/** When a sale opens and closes, in a line. */
export function timesText({ opensAt, closesAt }: { opensAt: string | null; closesAt: string | null }): string {
  return [
    opensAt === null ? 'Opens by hand' : `Opens ${zonedText(opensAt)}`,
    closesAt === null ? 'closes by hand' : `closes ${zonedText(closesAt)}`,
  ].join(', ')
}
