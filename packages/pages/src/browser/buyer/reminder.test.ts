import { texts as english } from '@floodgate/texts/languages/en'
import { describe, expect, it } from 'vitest'
import { after, boardOf, jobKinds, rejected, screenOf, start } from '../../testing/buyer-page.ts'
import { beginWith } from './begin.ts'
import { jobsOf } from './jobs.ts'
import type { PageEvent } from './page-event.ts'
import { reminderText } from './screens/reminder.ts'
import { viewOf } from './view-state.ts'

const scheduled = { id: 'demo', name: 'Demo', state: 'scheduled' } as const
const notOpen = after(start, { ...rejected('sale-not-open'), kind: 'join-rejected' } as PageEvent)
const remind: PageEvent = { kind: 'remind', email: 'ann@example.org' }
const told = (now: Extract<PageEvent, { kind: 'reminder' }>['now']): PageEvent => ({ kind: 'reminder', now })
const textAfter = (...events: PageEvent[]) => {
  const screen = screenOf(after(notOpen, ...events))
  if (screen.kind !== 'not-open' || screen.reminder === undefined) return screen.kind
  return reminderText(screen.reminder, english)
}

describe('a reminder', () => {
  it('is asked for once, before the sale opens', () => {
    expect(jobKinds(notOpen)).not.toContain('remind')
    const asked = after(notOpen, remind)
    expect(jobsOf(asked)).toContainEqual({ kind: 'remind', key: 'remind ann@example.org', email: 'ann@example.org' })
    expect(jobKinds(after(asked, told({ kind: 'noted' })))).not.toContain('remind')
    expect(textAfter(remind, told({ kind: 'noted' }))).toContain('shortly before the sale opens')
  })

  it('that was rejected is explained, and may be asked for again', () => {
    const { problem } = rejected('too-many-requests', { title: 'Too many requests' })
    expect(textAfter(remind, told({ kind: 'rejected', problem }))).toBe('No reminder was noted: Too many requests.')
    expect(textAfter(remind, told({ kind: 'rejected', problem: undefined }))).toContain('cannot be reached')
    expect(jobKinds(after(notOpen, remind, told({ kind: 'rejected', problem }), remind))).toContain('remind')
  })

  it("is not offered for a shop's own sale", () => {
    const ofShop = after(beginWith(scheduled, {}, { shop: { way: 'wanted' } }), {
      ...rejected('sale-not-open'),
      kind: 'join-rejected',
    } as PageEvent)
    expect(screenOf(ofShop)).toMatchObject({ kind: 'not-open', reminder: undefined })
  })
})

describe('the link that ends reminders', () => {
  const arrived = beginWith(scheduled, {}, { stopToken: 'a.b', joinsByClick: true })
  it('is followed without joining the line, and its result is shown above any screen', () => {
    expect(jobsOf(arrived)).toContainEqual({ kind: 'stop-reminders', key: 'stop-reminders', token: 'a.b' })
    expect(jobKinds(arrived)).not.toContain('join')
    const stopped = after(arrived, told({ kind: 'stopped' }), boardOf('open'))
    expect(jobKinds(stopped)).not.toContain('stop-reminders')
    expect(viewOf(stopped, 0).reminder).toEqual({ kind: 'stopped' })
    expect(viewOf(after(arrived, told({ kind: 'not-stopped' })), 0).reminder).toEqual({ kind: 'not-stopped' })
    expect(viewOf(notOpen, 0).reminder).toBeUndefined()
  })
})
