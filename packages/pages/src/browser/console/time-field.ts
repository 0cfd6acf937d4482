import { h, setText } from '../shared/dom.ts'
import { type LocalTime, localValueOf, readLocalTime, zonedText } from './local-time.ts'

const SKIPPED = 'Clocks go forward over this time, so it does not exist.'

/** Returns the note below a field: the chosen instant, or why there is none. */
function noteOf(time: LocalTime, meant: string | null): string {
  switch (time.kind) {
    case 'none':
      return ''
    case 'once':
      return zonedText(time.at)
    case 'skipped':
      return `${SKIPPED} They then show ${zonedText(time.at)}.`
    case 'twice':
      return `Clocks go back over this time, so it occurs twice. Chosen: the ${isSecondOf(time, meant) ? 'second' : 'first'}, ${zonedText(meant ?? time.at)}`
  }
}

/** Builds the choice between the two instants of a time that occurs twice. */
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

/**
 * Builds a field for a time in the browser's zone, which the note below spells out. Rejects a time that does not exist;
 * offers both instants of one that occurs twice.
 */
export function timeField(options: { name: string; label: string; at: string | null }) {
  const { name, label } = options
  let shown = options.at
  /** In the browser's form, which may have fewer digits. */
  let shownValue = ''
  // With seconds, as a time may have been set elsewhere.
  const input = h('input', { name, type: 'datetime-local', step: 'any', autocomplete: 'off' })
  const note = h('small', { role: 'status' })
  const which = choiceOfTwo({ name, label, onChange: () => say() })
  const meant = (time: LocalTime): string | null => {
    if (time.kind === 'none') return null
    return time.kind === 'twice' && which.isSecond() ? time.second : time.at
  }
  /** Compares without the digits that the field does not hold. */
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
    /** Returns the original value when untouched. */
    read: (): string | null => (isShown() ? shown : meant(readLocalTime(input.value))),
  }
}

/** Ignores seconds that the field does not show. */
const isSecondOf = ({ second }: { readonly second: string }, at: string | null): boolean =>
  at !== null && Date.parse(at) >= Date.parse(second)

/** Describes in one line when a sale opens and closes. */
export function timesText({ opensAt, closesAt }: { opensAt: string | null; closesAt: string | null }): string {
  return [
    opensAt === null ? 'Opens by hand' : `Opens ${zonedText(opensAt)}`,
    closesAt === null ? 'closes by hand' : `closes ${zonedText(closesAt)}`,
  ].join(', ')
}
