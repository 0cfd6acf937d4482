import { describe, test } from 'vitest'
import { withSystem } from '../client/test-system.ts'
import { createChance } from './chance.ts'
import { crashPostgres, crashRedis, crashRedisAndCut, cutPower } from './faults.ts'
import { surviveInRush } from './survive.ts'

/** A slot lasts as long as its order's hold. Short, so that a slot whose return was lost returns during the story. */
const HOLD_SECONDS = '45'
const testSystem = withSystem({ environment: { 'order-core': { HOLD_SECONDS, CHARGE_MARGIN_SECONDS: '5' } } })
const draw = createChance()

describe('five hundred buyers on a hundred units, while a server is killed', () => {
  test.each([crashRedis, crashRedisAndCut, cutPower, crashPostgres])('$name', (fault) =>
    surviveInRush(testSystem(), draw, () => fault),
  )
})
