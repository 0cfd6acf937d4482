import { expect, test } from 'vitest'
import type { Charge } from './charge.ts'
import { ATTEMPTS_MAX, type Findings, nextStep, withoutProof } from './next-step.ts'

const deadline = new Date(1_000_000)
const before = deadline.getTime() - 1
const after = deadline.getTime()

const charge = (changes: Partial<Charge> = {}): Charge => ({
  orderId: 'order',
  attempt: 1,
  key: 'order',
  sale: 'demo',
  amountMinor: 100,
  currency: 'EUR',
  paymentMethod: 'sim_ok',
  sealedPaymentMethod: null,
  status: 'started',
  chargeId: null,
  buyerProof: null,
  reason: null,
  chargeBy: deadline,
  orderEnded: false,
  version: 0,
  tries: 0,
  dueAt: new Date(0),
  createdAt: new Date(0),
  updatedAt: new Date(0),
  traceparent: null,
  ...changes,
})
const timedOut = { kind: 'unavailable', unknown: true, detail: 'timed out' } as const
const notSent = { kind: 'unavailable', unknown: false, detail: 'refused' } as const
const approved = { kind: 'approved', chargeId: 'ch' } as const
const unknown = charge({ status: 'unknown' })
const needsBuyer = { kind: 'needs-buyer', redirectUrl: 'https://bank.example', reference: 'pi' } as const
const awaiting = charge({ status: 'awaiting-buyer', chargeId: 'pi' })
const back = charge({ status: 'awaiting-buyer', chargeId: 'pi', buyerProof: 'sealed' })
const sealed = charge({ paymentMethod: '', sealedPaymentMethod: 'jwe' })
const over = charge({ orderEnded: true })

const cases: [rule: string, charge: Charge, found: Findings, nowMs: number, does: string][] = [
  ['a new charge is charged', charge(), {}, before, 'charge'],
  ['an approval is settled', charge(), { charge: approved }, before, 'settle approved'],
  ['a decline is settled', charge(), { charge: { kind: 'declined', reason: 'no' } }, before, 'settle declined'],
  ['a time-out is looked up', charge(), { charge: timedOut }, before, 'look-up'],
  [
    'a time-out that is found charged is settled',
    charge(),
    { charge: timedOut, lookUp: approved },
    before,
    'settle approved',
  ],
  [
    'a time-out with nothing charged stays open',
    charge(),
    { charge: timedOut, lookUp: { kind: 'nothing-charged' } },
    before,
    'wait unknown',
  ],
  ['a time-out without a look-up stays open', charge(), { charge: timedOut, lookUp: timedOut }, before, 'wait unknown'],
  ['a call that was never sent waits unchanged', charge(), { charge: notSent }, before, 'wait started'],
  ['an unknown charge is looked up first', unknown, {}, before, 'look-up'],
  [
    'an unknown charge with nothing charged is charged again',
    unknown,
    { lookUp: { kind: 'nothing-charged' } },
    before,
    'charge',
  ],
  [
    'an unknown charge stays unknown while the provider is unavailable',
    unknown,
    { lookUp: timedOut },
    before,
    'wait unknown',
  ],
  ['a closed key leads to the next attempt', charge(), { charge: { kind: 'key-closed' } }, before, 'next-attempt'],
  [
    'attempts are bounded',
    charge({ attempt: ATTEMPTS_MAX }),
    { charge: { kind: 'key-closed' } },
    before,
    'wait unknown',
  ],
  ['at the deadline the order core is asked', charge(), {}, after, 'ask-order-core'],
  ['its confirmation allows the charge', charge(), { chargeability: 'chargeable' }, after, 'charge'],
  ['no response does not', charge(), { chargeability: 'unreachable' }, after, 'wait started'],
  ['its rejection closes the key', charge(), { chargeability: 'over' }, after, 'close'],
  ['an order that is over is closed at the provider', over, {}, before, 'close'],
  ['what the provider charged for it is settled', over, { close: approved }, before, 'settle approved'],
  ['a key closed without money ends it', over, { close: { kind: 'key-closed' } }, before, 'settle not-charged'],
  ['an order whose key is missing waits', sealed, {}, before, 'wait started'],
  ['at its deadline it is closed at the provider, whatever the order core says', sealed, {}, after, 'close'],
  ['one that is over is closed at once', { ...sealed, orderEnded: true }, {}, before, 'close'],
  ['what was charged elsewhere is settled', sealed, { close: approved }, after, 'settle approved'],
  ['without a charge it ends uncharged', sealed, { close: { kind: 'key-closed' } }, after, 'settle not-charged'],
  ['a time-out elsewhere is looked up without a key', { ...sealed, status: 'unknown' }, {}, before, 'look-up'],
  [
    'and stays unknown until the deadline',
    { ...sealed, status: 'unknown' },
    { lookUp: { kind: 'nothing-charged' } },
    before,
    'wait unknown',
  ],
  ['a zero amount is never charged', charge({ amountMinor: 0 }), {}, before, 'settle not-charged'],
  ['even when it was', charge({ amountMinor: 0, status: 'unknown' }), {}, after, 'settle not-charged'],
  ['a charge that needs its buyer waits for the buyer', charge(), { charge: needsBuyer }, before, 'await-buyer'],
  [
    'so does one that turns out to need its buyer after a time-out',
    charge(),
    { charge: timedOut, lookUp: needsBuyer },
    before,
    'await-buyer',
  ],
  ['a charge that awaits its buyer is looked up', awaiting, {}, before, 'look-up'],
  ['it is settled once the buyer has agreed', awaiting, { lookUp: approved }, after, 'settle approved'],
  [
    'it is settled once the buyer has refused',
    awaiting,
    { lookUp: { kind: 'declined', reason: 'no' } },
    before,
    'settle declined',
  ],
  ['without a decision it goes on waiting', awaiting, { lookUp: needsBuyer }, after, 'await-buyer'],
  ['an unavailable provider changes nothing about that', awaiting, { lookUp: timedOut }, before, 'wait awaiting-buyer'],
  [
    'nor does one that does not know the attempt',
    awaiting,
    { lookUp: { kind: 'nothing-charged' } },
    before,
    'wait awaiting-buyer',
  ],
  ['it is closed once its order is over', { ...awaiting, orderEnded: true }, {}, before, 'close'],
  [
    'and settled if the buyer was faster',
    { ...awaiting, orderEnded: true },
    { close: approved },
    before,
    'settle approved',
  ],
  ['a buyer who came back with a proof continues', back, {}, before, 'resume'],
  ['past the deadline only while the order may be charged', back, {}, after, 'ask-order-core'],
  ['which the order core has to confirm', back, { chargeability: 'chargeable' }, after, 'resume'],
  ['no response is no confirmation', back, { chargeability: 'unreachable' }, after, 'wait awaiting-buyer'],
  ['an order that is over is closed although its buyer came back', back, { chargeability: 'over' }, after, 'close'],
  ['the approval of a continued payment is settled', back, { resume: approved }, before, 'settle approved'],
  ['a proof that does not fit leaves it waiting', back, { resume: needsBuyer }, before, 'await-buyer'],
  ['a provider without an answer is asked again', over, { close: timedOut }, before, 'wait unknown'],
]

test.each(cases)('%s', (_, record, found, nowMs, does) => {
  const step = nextStep(record, found, nowMs)
  const detail = step.do === 'settle' ? ` ${step.settlement.kind}` : step.do === 'wait' ? ` ${step.status}` : ''
  expect(`${step.do}${detail}`).toBe(does)
})

test('a proof without its key is no news, and keeps nothing from being settled', () => {
  const waits = nextStep(back, { resume: withoutProof(needsBuyer) }, before)
  expect(waits).toMatchObject({ do: 'wait', status: 'awaiting-buyer', detail: expect.stringContaining('PAYMENT_KEY') })
  expect(nextStep(back, { resume: withoutProof(approved) }, before)).toMatchObject({ do: 'settle' })
})

test('a payment that the provider is still processing waits with its id, by which it is looked up', () => {
  const processing = { ...timedOut, reference: 'pi_1' }
  const found: Findings = { charge: processing, lookUp: { kind: 'nothing-charged' } }
  expect(nextStep(charge(), found, before)).toMatchObject({ do: 'wait', status: 'unknown', reference: 'pi_1' })
})
