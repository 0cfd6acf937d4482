import type { Texts } from '@floodgate/texts/types'
import { h, setText } from '../../shared/dom.ts'
import { emailComplaint } from '../email-words.ts'
import type { ReminderState } from '../model.ts'
import { reasonOf } from '../problem-texts.ts'
import type { Actions } from './screen.ts'

/** Returns what became of a reminder; undefined while there is nothing to say. */
export function reminderText(reminder: ReminderState, texts: Texts): string | undefined {
  const { reminder: words } = texts.pages
  switch (reminder.kind) {
    case 'none':
    case 'asked':
    case 'stopping':
      return undefined
    case 'noted':
      return words.noted
    case 'rejected':
      return reminder.problem === undefined
        ? words.unreachable
        : words.rejected({ reason: reasonOf(reminder.problem, texts) })
    case 'stopped':
      return words.stopped
    case 'not-stopped':
      return words.notStopped
  }
}

/** Builds the form for a mail before the opening, below the countdown. */
export function reminderForm(actions: Pick<Actions, 'remind'>, texts: Texts) {
  const { reminder: words } = texts.pages
  const hint = h('small', { id: 'reminder-hint' }, words.hint)
  const said = h('p', { role: 'status' })
  const email = h('input', {
    type: 'email',
    id: 'reminder-email',
    autocomplete: 'email',
    required: true,
    'aria-describedby': 'reminder-hint',
  })
  const ask = h('button', { type: 'submit', class: 'quiet' }, words.ask)
  const fields = h(
    'div',
    {},
    h('div', { class: 'field' }, h('label', { for: 'reminder-email' }, words.label), email, hint),
    h('div', { class: 'actions' }, ask),
  )
  const form = h('form', { class: 'reminder', novalidate: true }, fields, said)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const typed = email.value.trim()
    const complaint = emailComplaint(typed, texts)
    email.ariaInvalid = complaint === undefined ? null : 'true'
    setText(said, complaint ?? '')
    if (complaint === undefined) actions.remind?.(typed)
    else email.focus()
  })
  let shown: ReminderState | undefined
  return {
    element: form,
    update: (reminder: ReminderState | undefined) => {
      form.hidden = reminder === undefined || actions.remind === undefined
      // What was typed wrong stays said until something else happens.
      if (reminder === undefined || reminder === shown) return
      shown = reminder
      fields.hidden = reminder.kind === 'noted'
      ask.disabled = reminder.kind === 'asked'
      setText(said, reminderText(reminder, texts) ?? '')
    },
  }
}
