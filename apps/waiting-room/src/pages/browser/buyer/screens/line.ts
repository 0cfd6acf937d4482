import { h, setAttribute, setText } from '../../shared/dom.ts'
import { clock, figure } from '../../shared/words.ts'
import { type Actions, askFirst, type Shown, wording } from './screen.ts'

const progressBar = () => {
  const filled = h('span', {})
  const bar = h(
    'div',
    {
      class: 'progress',
      role: 'progressbar',
      'aria-label': 'Your way through the line',
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

/** In line: the place as a big figure, the way so far, how long it takes. */
export const lineScreen = (actions: Actions): Shown => {
  const words = wording()
  const position = h('span', { class: 'figure' })
  const { bar, update } = progressBar()
  const leave = askFirst({
    label: 'Leave the line',
    question: 'Leave the line? Your place is given away at once.',
    yes: 'Leave',
    onYes: actions.leave,
  })
  return {
    parts: [
      words.title,
      h('p', { class: 'position' }, h('span', { class: 'label' }, 'Your position'), position),
      bar,
      words.lines,
      leave,
    ],
    focus: words.title,
    update: (screen) => {
      if (screen.kind !== 'waiting' && screen.kind !== 'paused' && screen.kind !== 'recovering') return
      words.update(screen)
      setText(position, screen.position === null ? '…' : figure(screen.position))
      update(screen.progress)
    },
  }
}

/** Before the opening: how long it still takes. */
export const openingScreen = (): Shown => {
  const words = wording()
  const left = h('p', { class: 'figure', role: 'timer' })
  return {
    parts: [words.title, left, words.lines],
    focus: words.title,
    update: (screen) => {
      if (screen.kind !== 'not-open') return
      words.update(screen)
      left.hidden = screen.opensInSeconds === null
      if (screen.opensInSeconds !== null)
        setText(left, screen.opensInSeconds === 0 ? 'Any moment now' : clock(screen.opensInSeconds))
    },
  }
}
