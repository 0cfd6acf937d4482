import { describe, expect, it } from 'vitest'
import { createExplorer } from './create-explorer.ts'
import { SETTINGS } from './settings.ts'

const STATES_MAX = 2_000_000

describe('whatever happens in whatever order, in every reachable state', () => {
  it.each(Object.values(SETTINGS))('the guarantees hold: $name', async (setting) => {
    await using explorer = await createExplorer(setting)
    const { violation, ...size } = await explorer.run({ statesMax: STATES_MAX })
    process.stdout.write(`${setting.name}: ${JSON.stringify(size)}\n`)
    expect(violation, [violation?.what, ...(violation?.trace ?? [])].join('\n  ')).toBeUndefined()
    expect(size.restingStates).toBeGreaterThan(1)
  })
})
