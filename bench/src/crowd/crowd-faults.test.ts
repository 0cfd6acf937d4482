import type { BuyerEnd, Intent, Outcome } from '@floodgate/crowd'
import { expect, it } from 'vitest'
import { crowdFaults, endFaults } from './crowd-faults.ts'

const end = (intent: Intent, outcome: Outcome): BuyerEnd => ({ email: 'a@example.test', intent, outcome })
const fine = [
  end('buy', 'confirmed'),
  end('buy', 'sold-out'),
  end('be-declined', 'declined'),
  end('leave', 'left'),
  end('wait', 'waited'),
]

it('finds nothing wrong with answers, refusals and ends that a sound sale has', () => {
  expect(crowdFaults({ statuses: { '200': 9, '201': 3, '409': 1 }, outcomes: { confirmed: 1, waited: 4 } })).toEqual([])
})

it('finds answers that failed or never came', () => {
  expect(crowdFaults({ statuses: { '503': 2, none: 1 }, outcomes: {} })).toEqual([
    '2 answers were 503',
    '1 answers were none at all',
  ])
})

it('finds visits that led nowhere', () => {
  expect(crowdFaults({ statuses: {}, outcomes: { 'place-lost': 1 } })).toEqual(['1 buyers ended as place-lost'])
})

it('finds an end that does not fit, and a buyer without one', () => {
  expect(endFaults({ buyers: fine }, 5)).toEqual([])
  expect(endFaults({ buyers: fine }, 6)).toEqual(['5 of 6 buyers came to an end'])
  expect(endFaults({ buyers: [end('be-declined', 'confirmed')] }, 1)).toEqual([
    '1 ends do not fit, the first: wanted to be-declined, ended as confirmed',
  ])
})
