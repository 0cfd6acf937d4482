import type { System } from '@floodgate/dev/system'
import { test } from 'vitest'
import { withSystem } from '../client/test-system.ts'
import { createChance } from '../kills/chance.ts'
import type { Fault } from '../kills/faults.ts'
import { surviveFailover } from './survive-failover.ts'

const testSystem = withSystem({ bus: 'kafka' })
const draw = createChance()

const crashKafka: Fault = {
  name: 'SIGKILL for the only broker',
  inject: async (system: System) => ({ recovered: system.crashServer('kafka') }),
}

test('the counts stay exact when the only broker is killed', () => surviveFailover(testSystem(), crashKafka, { draw }))
