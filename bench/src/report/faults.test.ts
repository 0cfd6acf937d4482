import { expect, it } from 'vitest'
import { died, faults } from './faults.ts'

it('lists the faults that hold, with their place', () => {
  expect(faults([[true, 'lost'], [false, 'kept'], died(2)])).toEqual(['lost', '2 processes died meanwhile'])
  expect(faults([[true, 'lost'], died(0)], 'a sale')).toEqual(['a sale: lost'])
})
