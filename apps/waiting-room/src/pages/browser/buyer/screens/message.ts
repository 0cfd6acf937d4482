import { h, setText } from '../../shared/dom.ts'
import { clock } from '../../shared/words.ts'
import type { Screen } from '../view-state.ts'
import { type Actions, askFirst, button, type Shown, wording } from './screen.ts'

const actionsOf = (screen: Screen, actions: Actions): HTMLElement[] => {
  switch (screen.kind) {
    case 'admission-expired':
    case 'left':
    case 'finished':
      return screen.saleClosed ? [] : [button('Join the line again', { onclick: actions.rejoin })]
    case 'may-join':
      return [button('Join the line', { onclick: actions.rejoin })]
    case 'join-refused':
      return screen.retries
        ? [button('Try now', { quiet: true, onclick: actions.tryNow })]
        : [button('Try again', { onclick: actions.rejoin })]
    case 'order-refused':
      return actions.toSale === undefined ? [] : [button('Go to the sale', { quiet: true, onclick: actions.toSale })]
    case 'core-down':
      return [button('Try now', { quiet: true, onclick: actions.tryNow })]
    case 'held-by-others':
      return [
        button('Try now', { onclick: actions.tryNow }),
        button(screen.others ? 'Choose something else' : 'Change my order', {
          quiet: true,
          onclick: actions.chooseAgain,
        }),
      ]
    default:
      return []
  }
}

const busyKinds: readonly Screen['kind'][] = ['looking', 'joining', 'placing', 'core-down', 'held-by-others']

/** A screen of words and at most a few buttons. */
export const messageScreen = (screen: Screen, actions: Actions): Shown => {
  const words = wording()
  const left = h('p', { class: 'left' })
  const isBusy = busyKinds.includes(screen.kind) || (screen.kind === 'join-refused' && screen.retries)
  const leave =
    screen.kind === 'sold-out' || screen.kind === 'held-by-others'
      ? askFirst({
          label: 'Give my turn back',
          question: 'Give your turn back? Somebody else is let in at once.',
          yes: 'Give it back',
          onYes: actions.leave,
        })
      : null
  const buttons = actionsOf(screen, actions)
  return {
    parts: [
      ...(isBusy ? [h('div', { class: 'busy', 'aria-hidden': 'true' })] : []),
      words.title,
      words.lines,
      left,
      ...(buttons.length > 0 || leave !== null ? [h('div', { class: 'actions' }, ...buttons, leave)] : []),
    ],
    focus: words.title,
    update: (now) => {
      words.update(now)
      const seconds = 'secondsLeft' in now ? now.secondsLeft : null
      left.hidden = seconds === null
      if (seconds !== null) setText(left, `${clock(seconds)} of your turn left`)
    },
  }
}
