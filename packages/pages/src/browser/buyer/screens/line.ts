import type { Texts } from '@floodgate/texts/types'
import { h, setAttribute, setText } from '../../shared/dom.ts'
import { reminderForm } from './reminder.ts'
import { type Actions, askFirst, type BuiltScreen, wording } from './screen.ts'

const progressBar = (label: string) => {
  const filled = h('span', {})
  const bar = h(
    'div',
    {
      class: 'progress',
      role: 'progressbar',
      'aria-label': label,
      'aria-valuemin': 0,
      'aria-valuemax': 100,
    },
    filled,
  )
  return {
    bar,
    update: (progress: number) => {
      setAttribute(bar, 'aria-valuenow', String(Math.round(progress * 100)))
      filled.style.transform = `scaleX(${Math.max(0.02, progress)})`
    },
  }
}

/** Builds the screen of a waiting buyer: the position as a big figure, the progress, the expected wait. */
export function lineScreen(actions: Actions, texts: Texts): BuiltScreen {
  const { line, acts, figure } = texts.pages
  const words = wording(texts)
  const position = h('span', { class: 'figure' })
  const { bar, update } = progressBar(line.progress)
  const leave = askFirst(line.leave, { stay: acts.stay, onYes: actions.leave })
  return {
    parts: [
      words.title,
      h('p', { class: 'position' }, h('span', { class: 'label' }, line.position), position),
      bar,
      words.lines,
      leave,
    ],
    focus: words.title,
    update: (screen) => {
      if (screen.kind !== 'waiting' && screen.kind !== 'paused' && screen.kind !== 'recovering') return
      words.update(screen)
      setText(position, screen.position === null ? '…' : figure({ value: screen.position }))
      update(screen.progress)
    },
  }
}

/** Builds the screen before the opening, with a countdown. */
export function openingScreen(actions: Actions, texts: Texts): BuiltScreen {
  const { clock, screens } = texts.pages
  const words = wording(texts)
  const left = h('p', { class: 'figure', role: 'timer' })
  const reminder = reminderForm(actions, texts)
  return {
    parts: [words.title, left, words.lines, reminder.element],
    focus: words.title,
    update: (screen) => {
      if (screen.kind !== 'not-open') return
      words.update(screen)
      reminder.update(screen.reminder)
      left.hidden = screen.opensInSeconds === null
      if (screen.opensInSeconds !== null)
        setText(
          left,
          screen.opensInSeconds === 0 ? screens.notOpen.anyMoment : clock({ seconds: screen.opensInSeconds }),
        )
    },
  }
}
