import type { About } from '@floodgate/contracts'
import { describe, expect, it } from 'vitest'
import { findContradictions, type Heard } from './contradictions.ts'

const NOW_MS = Date.parse('2027-03-28T10:00:00.000Z')

function hear(app: string, changes: Partial<About> = {}, number = 1): Heard {
  const about: About = {
    ...{
      app,
      version: '0.1.0',
      node: 'v24.21.0',
      process: `${app}-${number}:1`,
      startedAt: '2027-03-28T09:00:00.000Z',
    },
    now: new Date(NOW_MS + 20).toISOString(),
    settings: {
      ENVIRONMENT: 'production',
      BUS: 'kafka',
      ADMISSION_ISSUER: 'floodgate',
      PORT: String(number),
      OTEL_RESOURCE_ATTRIBUTES: `pod=${number}`,
    },
    readiness: { ready: true, degraded: [], checks: { redis: { ready: true } } },
    figures: {},
    ...changes,
  }
  return { about, sentAtMs: NOW_MS, receivedAtMs: NOW_MS + 40 }
}
const setting = (settings: Readonly<Record<string, string>>) => ({
  settings: { ENVIRONMENT: 'production', ...settings },
})

it('nothing contradicts in a healthy system, whose processes have their own ports', () => {
  expect(findContradictions([hear('waiting-room'), hear('waiting-room', {}, 2), hear('order-core')])).toEqual([])
  expect(findContradictions([])).toEqual([])
  // Between two steps of changing the keys, and beside a release that shows no ids of keys.
  for (const [core, notifier] of [
    ['old', 'old,new'],
    ['new,old', 'old,new'],
    ['new,old', 'new'],
    ['new,old', '(secret)'],
    ['(secret)', 'new'],
  ] as const)
    expect(
      findContradictions([
        hear('order-core', setting({ EMAIL_KEY: core })),
        hear('notifier', setting({ EMAIL_KEY: notifier })),
      ]),
    ).toEqual([])
})

describe('a finding', () => {
  it.each<[string, Heard[], string, string]>([
    ['another version', [hear('notifier'), hear('order-core', { version: '0.2.0' })], 'versions', 'Finish the upgrade'],
    [
      'a clock that is ahead',
      [hear('notifier', { now: new Date(NOW_MS + 5_040).toISOString() })],
      'clock',
      'notifier (notifier-1:1) is 5.0 s ahead',
    ],
    [
      'a clock that is behind',
      [hear('notifier', { now: new Date(NOW_MS - 3_000).toISOString() })],
      'clock',
      '3.0 s behind',
    ],
    [
      'a part that is not ready',
      [
        hear('notifier', {
          readiness: { ready: false, degraded: [], checks: { redis: { ready: false, detail: 'away' } } },
        }),
      ],
      'not ready',
      'redis, away',
    ],
    [
      'a part that is degraded',
      [hear('notifier', { readiness: { ready: true, degraded: ['bus'], checks: { bus: { ready: false } } } })],
      'degraded',
      'notifier (notifier-1:1): bus',
    ],
    [
      'another issuer of admissions',
      [hear('waiting-room'), hear('order-core', setting({ ADMISSION_ISSUER: 'other' }))],
      'ADMISSION_ISSUER',
      'waiting-room floodgate; order-core other',
    ],
    ['another bus', [hear('waiting-room'), hear('notifier', setting({ BUS: 'redis' }))], 'BUS', 'notifier redis'],
    [
      'a setting that differs between two processes of an app',
      [hear('order-core', setting({ POOL_MAX: '8' })), hear('order-core', setting({ POOL_MAX: '9' }), 2)],
      'POOL_MAX',
      'between order-core (order-core-1:1) and order-core (order-core-2:1)',
    ],
    [
      'passes that nobody voids',
      [hear('waiting-room', setting({ PASSES_VOIDED_BY: 'nobody' })), hear('order-core', setting({}))],
      'PASSES_VOIDED_BY',
      'set order-core',
    ],
    [
      'an address that the notifier cannot decrypt',
      [hear('order-core', setting({ EMAIL_KEY: 'new,old' })), hear('notifier', setting({ EMAIL_KEY: 'old' }))],
      'EMAIL_KEY',
      'notifier (notifier-1:1) lacks the first key of the order-core: it cannot decrypt the addresses of new orders',
    ],
    [
      'a link that the order core rejects',
      [hear('order-core', setting({ EMAIL_KEY: 'old' })), hear('notifier', setting({ EMAIL_KEY: 'new,old' }))],
      'EMAIL_KEY',
      'order-core (order-core-1:1) lacks the first key of the notifier: it rejects the links',
    ],
    [
      'a payment method that the worker cannot decrypt',
      [hear('order-core', setting({ PAYMENT_KEY: 'one' })), hear('payment-worker', setting({ PAYMENT_KEY: 'two' }))],
      'PAYMENT_KEY',
      'payment-worker (payment-worker-1:1) lacks the first key of the order-core: it cannot charge new orders',
    ],
    [
      'charges that are kept longer than orders',
      [
        hear('payment-worker', setting({ CHARGE_RETENTION_DAYS: '0' })),
        hear('order-core', setting({ ORDER_RETENTION_DAYS: '730' })),
      ],
      'CHARGE_RETENTION_DAYS',
      'ORDER_RETENTION_DAYS',
    ],
  ])('names %s', (_, heard, what, detail) => {
    const findings = findContradictions(heard)
    expect(findings).toContainEqual({ what, detail: expect.stringContaining(detail) })
    expect(findings).toHaveLength(1)
  })
})
