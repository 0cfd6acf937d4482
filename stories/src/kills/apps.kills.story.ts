import { describe, test } from 'vitest'
import { withSystem } from '../client/test-system.ts'
import { createChance } from './chance.ts'
import { kill, killAt } from './faults.ts'
import { surviveInRush } from './survive.ts'

const testSystem = withSystem()
const draw = createChance()

describe('five hundred buyers on a hundred units, while an app is killed', () => {
  test.each(['waiting-room', 'order-core', 'payment-worker', 'notifier'] as const)('%s, at any moment', (app) =>
    surviveInRush(testSystem(), draw, () => kill(app, draw)),
  )

  test.each([
    ['order-core', 'after-hold', 15, 40],
    ['order-core', 'after-commit-before-answer', 15, 40],
    ['order-core', 'after-publish-before-delete', 10, 40],
    ['payment-worker', 'after-charge-before-record', 30, 80],
    ['payment-worker', 'after-publish-before-delete', 5, 14],
  ] as const)('%s, %s', (app, failPoint, low, high) =>
    surviveInRush(testSystem(), draw, () => killAt(failPoint, { app, draw, low, high })),
  )
})
