import { silentLogger } from '@floodgate/testkit/fixtures'
import { describe, expect, it } from 'vitest'
import { createFailPoints } from './fail-points.ts'

describe('fail points', () => {
  it('do nothing when none is armed', async () => {
    const reach = createFailPoints({ entries: [], environment: 'production', log: silentLogger })
    await expect(reach('after-hold')).resolves.toBeUndefined()
  })

  it('are rejected in production', () => {
    const arm = () => createFailPoints({ entries: ['after-hold=kill'], environment: 'production', log: silentLogger })
    expect(arm).toThrow(/rejected in production/)
  })

  it.each(['after-lunch=kill', 'after-hold', 'after-hold=explode', 'after-hold=kill@x'])(
    'reject the entry %s',
    (entry) => {
      expect(() => createFailPoints({ entries: [entry], environment: 'development', log: silentLogger })).toThrow(
        TypeError,
      )
    },
  )

  it('stall at the given pass and not before', async () => {
    const reach = createFailPoints({ entries: ['after-hold=stall@2'], environment: 'development', log: silentLogger })
    await reach('after-hold')
    const passed = await Promise.race([reach('after-hold').then(() => 'passed'), Promise.resolve('stalled')])
    expect(passed).toBe('stalled')
  })
})
