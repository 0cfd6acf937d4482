import { texts as english } from '@floodgate/texts/languages/en'
import { describe, expect, it } from 'vitest'
import { type Announced, announcementOf } from './announce.ts'
import type { View } from './view-state.ts'

const waiting = (position: number, lost = false): View => ({
  lost,
  screen: {
    kind: 'waiting',
    position,
    etaSeconds: 60,
    progress: 0,
    overtaken: false,
    welcomeBack: false,
    returnSeconds: 600,
  },
})
const turnWithout = { catalogue: undefined, draft: undefined, problem: undefined, changes: [], saleClosed: false }
const announcements = (views: readonly View[]) => {
  let said: Announced | undefined
  return views.map((view) => {
    const next = announcementOf(said, view, english)
    said = next.said
    return next.text
  })
}

describe('announcements', () => {
  it('announce every half and the last three places, not every step', () => {
    const spoken = announcements([100, 99, 70, 50, 49, 30, 25, 3, 2, 1].map((position) => waiting(position)))
    expect(spoken.map((text) => /\d+/.exec(text ?? '')?.[0])).toEqual([
      undefined,
      undefined,
      undefined,
      '50',
      undefined,
      undefined,
      '25',
      '3',
      '2',
      '1',
    ])
  })

  it('announce a lost connection once, and its return', () => {
    const spoken = announcements([waiting(9), waiting(9, true), waiting(9, true), waiting(9)])
    expect(spoken).toEqual([undefined, expect.stringContaining('Connection lost'), undefined, 'Connected again.'])
  })

  it('announce once that the sale has closed while the turn continues', () => {
    const turn = (saleClosed: boolean): View => ({
      lost: false,
      screen: { kind: 'your-turn', secondsLeft: 62, ...turnWithout, saleClosed },
    })
    expect(announcements([turn(false), turn(true), turn(true)])).toEqual([
      undefined,
      'The sale has closed to new buyers. You can still buy until your time runs out.',
      undefined,
    ])
  })

  it('announce once that paying takes longer than usual, and once that it no longer does', () => {
    const paying = (paymentDelayed?: true): View => {
      const order = { status: 'pending', totalMinor: 100, items: [], ...(paymentDelayed && { paymentDelayed }) }
      const screen = { kind: 'paying', secondsLeft: 62, order: order as never, cancel: { kind: 'none' } } as const
      return { lost: false, screen }
    }
    const [first, ...spoken] = announcements([paying(), paying(true), paying(true), paying(), paying()])
    expect(first).toBeUndefined()
    expect(spoken).toEqual([
      expect.stringContaining('Your items stay reserved'),
      undefined,
      expect.stringContaining('This usually takes a few seconds'),
      undefined,
    ])
  })

  it('count the turn down at marks', () => {
    const turn = (secondsLeft: number): View => ({
      lost: false,
      screen: { kind: 'your-turn', secondsLeft, ...turnWithout },
    })
    expect(announcements([turn(62), turn(61), turn(60), turn(59)])).toEqual([
      undefined,
      undefined,
      '1 minute left to buy.',
      undefined,
    ])
  })

  it('warn once of the end of a turn and of the option for more time, also where the page loads late, and announce the extension', () => {
    const turn = (secondsLeft: number, time: View['time'], lost = false): View => ({
      ...{ lost, time },
      screen: { kind: 'your-turn', secondsLeft, ...turnWithout },
    })
    const warning = (secondsLeft: number, canAsk = true) => turn(secondsLeft, { kind: 'warning', secondsLeft, canAsk })
    const given = turn(118, { kind: 'given', seconds: 60, remaining: 1 })
    expect(announcements([turn(61, undefined), warning(60), warning(59), given, given, warning(60)])).toEqual([
      undefined,
      '1 minute left to buy. You can ask for more time.',
      undefined,
      '60 seconds more. You can ask for more time once more.',
      undefined,
      '1 minute left to buy. You can ask for more time.',
    ])
    expect(announcements([warning(42, false)])).toEqual(['42 seconds left to buy.'])
    // A reloaded page shows the turn from its memory before it learns about more time.
    expect(announcements([warning(42, false), warning(41), warning(40), warning(39, false)])).toEqual([
      '42 seconds left to buy.',
      '41 seconds left to buy. You can ask for more time.',
      undefined,
      undefined,
    ])
    const lost = turn(60, { kind: 'warning', secondsLeft: 60, canAsk: true }, true)
    expect(announcements([turn(61, undefined), lost, lost])).toEqual([
      undefined,
      expect.stringContaining('Connection lost'),
      '1 minute left to buy. You can ask for more time.',
    ])
  })
})
