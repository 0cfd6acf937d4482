import { expect, it } from 'vitest'
import { judgePayments, type PaymentFindings } from './judge-payments.ts'

const quiet: PaymentFindings = {
  isDelayed: false,
  isProviderFailing: false,
  isWorkerSilent: false,
  isAnsweringLate: false,
  isCalm: true,
  isAnnouncementOld: false,
}
const delayed: PaymentFindings = { ...quiet, isDelayed: true, isCalm: false }

it('an open breaker or a silent worker begins a delay at once', () => {
  expect(judgePayments(quiet)).toEqual({ kind: 'as-usual' })
  expect(judgePayments({ ...quiet, isProviderFailing: true })).toEqual({
    ...{ kind: 'begins', cause: 'provider-failing', announce: true },
  })
  expect(judgePayments({ ...quiet, isWorkerSilent: true })).toEqual({
    ...{ kind: 'begins', cause: 'worker-silent', announce: true },
  })
})

it('late answers begin no delay, and keep one from ending', () => {
  expect(judgePayments({ ...quiet, isAnsweringLate: true })).toEqual({ kind: 'as-usual' })
  expect(judgePayments({ ...delayed, isAnsweringLate: true, isCalm: true })).toEqual({
    ...{ kind: 'lasts', cause: 'answers-late', announce: false },
  })
})

it('a delay ends only after a calm time, and is announced again while it lasts', () => {
  expect(judgePayments(delayed)).toEqual({ kind: 'calming', announce: false })
  expect(judgePayments({ ...delayed, isAnnouncementOld: true })).toEqual({ kind: 'calming', announce: true })
  expect(judgePayments({ ...delayed, isWorkerSilent: true, isAnnouncementOld: true })).toEqual({
    ...{ kind: 'lasts', cause: 'worker-silent', announce: true },
  })
  expect(judgePayments({ ...delayed, isCalm: true })).toEqual({ kind: 'ends' })
})
