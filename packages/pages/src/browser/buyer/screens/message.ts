import type { Texts } from '@floodgate/texts/types'
import { h, setText } from '../../shared/dom.ts'
import type { Problem } from '../../shared/problem.ts'
import type { Screen } from '../view-state.ts'
import { type Actions, askFirst, type BuiltScreen, button, wording } from './screen.ts'

/** Builds the link to the shop, for a buyer who has to sign in there. */
const signIn = ({ code }: Problem, { signInUrl }: Actions, label: string): HTMLElement[] =>
  signInUrl == null || code === 'identity-revoked'
    ? []
    : [h('a', { class: 'main', href: signInUrl, target: '_top', rel: 'noreferrer' }, label)]

const actionsOf = (screen: Screen, actions: Actions, { pages: { acts } }: Texts): HTMLElement[] => {
  switch (screen.kind) {
    case 'admission-expired':
    case 'left':
    case 'finished':
    case 'turn-over':
      return screen.again === 'no' ? [] : [button(acts.joinAgain, { onclick: actions.rejoin })]
    case 'may-join':
      return screen.again === 'no' ? [] : [button(acts.join, { onclick: actions.rejoin })]
    case 'join-rejected':
      if (screen.problem.code.startsWith('identity-')) return signIn(screen.problem, actions, acts.signIn)
      return screen.retries
        ? [button(acts.tryNow, { quiet: true, onclick: actions.tryNow })]
        : [button(acts.tryAgain, { onclick: actions.rejoin })]
    case 'order-rejected':
      return actions.toSale === undefined ? [] : [button(acts.toSale, { quiet: true, onclick: actions.toSale })]
    case 'core-down':
    case 'no-goods':
      return [button(acts.tryNow, { quiet: true, onclick: actions.tryNow })]
    case 'held-by-others':
      return [
        button(acts.tryNow, { onclick: actions.tryNow }),
        button(screen.others ? acts.chooseElse : acts.changeOrder, {
          quiet: true,
          onclick: actions.chooseAgain,
        }),
      ]
    default:
      return []
  }
}

const busyKinds: readonly Screen['kind'][] = [
  'looking',
  'joining',
  'placing',
  'core-down',
  'no-goods',
  'held-by-others',
]

/** Tells whether the turn can be given back: it lasts and no order is in progress. */
const mayGiveBack = (screen: Screen): boolean =>
  screen.kind === 'sold-out' ||
  screen.kind === 'held-by-others' ||
  screen.kind === 'no-goods' ||
  (screen.kind === 'core-down' && !screen.placing)

/** Builds a screen of text and a few buttons at most. */
export function messageScreen(screen: Screen, actions: Actions, texts: Texts): BuiltScreen {
  const { acts, clock, order } = texts.pages
  const words = wording(texts)
  const left = h('p', { class: 'left' })
  const isBusy = busyKinds.includes(screen.kind) || (screen.kind === 'join-rejected' && screen.retries)
  const leave = mayGiveBack(screen) ? askFirst(acts.giveTurnBack, { stay: acts.stay, onYes: actions.leave }) : null
  const buttons = actionsOf(screen, actions, texts)
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
      if (seconds !== null) setText(left, order.turnLeft({ clock: clock({ seconds }) }))
    },
  }
}
