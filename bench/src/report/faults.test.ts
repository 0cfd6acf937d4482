import { expect, it } from 'vitest'
import { died, faults } from './faults.ts'

it('names what is wrong and nothing else, with where it is', () => {
  expect(faults([[true, 'lost'], [false, 'kept'], died(2)])).toEqual(['lost', '2 processes died meanwhile'])
  expect(faults([[true, 'lost'], died(0)], 'a sale')).toEqual(['a sale: lost'])
})
