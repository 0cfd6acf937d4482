import { h, setText } from '../shared/dom.ts'
import { localValueOf, readLocalTime, zonedText } from './local-time.ts'

/** What is said below a field: which instant is meant, and why, where the clock's time is not one. `shown`: untouched, it is this one. */
function noteOf(value: string, shown: string | null): string {
  const time = readLocalTime(value)
  switch (time.kind) {
    case 'none':
      return ''
    case 'once':
      return zonedText(time.at)
    case 'skipped':
      return `Clocks go forward over this time, so it does not exist. Taken: ${zonedText(time.at)}`
    case 'twice':
      return shown === null
        ? `Clocks go back over this time, so it comes twice. Taken: the first, ${zonedText(time.at)}`
        : `Clocks go back over this time, so it comes twice. Set: the ${shown === time.at ? 'first' : 'second'}, ${zonedText(shown)}`
  }
}

/** A time in the browser's zone, which the note below it spells out. */
export const timeField = (options: { name: string; label: string; at: string | null }) => {
  const { name, label } = options
  let shown = options.at
  /** As the browser holds it: it may write the same time in fewer digits. */
  let shownValue = ''
  // With seconds, as a time may have been set elsewhere.
  const input = h('input', { name, type: 'datetime-local', step: 'any', autocomplete: 'off' })
  const note = h('small', { role: 'status' })
  const say = () => setText(note, noteOf(input.value, input.value === shownValue ? shown : null))
  const show = (at: string | null) => {
    shown = at
    input.value = localValueOf(at)
    shownValue = input.value
    say()
  }
  input.addEventListener('input', say)
  show(shown)
  return {
    element: h('div', { class: 'field time' }, h('label', { class: 'field' }, label, input), note),
    show,
    isTouched: () => input.value !== shownValue,
    /** Untouched, it is what was shown: of a time that comes twice, the one that was set. */
    read: (): string | null => {
      if (input.value === shownValue) return shown
      const time = readLocalTime(input.value)
      return time.kind === 'none' ? null : time.at
    },
  }
}

/** When a sale opens and closes, in a line. */
export const timesText = ({ opensAt, closesAt }: { opensAt: string | null; closesAt: string | null }): string =>
  [
    opensAt === null ? 'Opens by hand' : `Opens ${zonedText(opensAt)}`,
    closesAt === null ? 'closes by hand' : `closes ${zonedText(closesAt)}`,
  ].join(', ')
