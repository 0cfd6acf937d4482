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

it('finds no fault in the responses, rejections and outcomes of a correct sale', () => {
  expect(crowdFaults({ statuses: { '200': 9, '201': 3, '409': 1 }, outcomes: { confirmed: 1, waited: 4 } })).toEqual([])
})

it('finds failed and missing responses', () => {
  expect(crowdFaults({ statuses: { '503': 2, none: 1 }, outcomes: {} })).toEqual([
    '2 responses were 503',
    '1 requests got no response',
  ])
})

it('finds visits without a valid outcome', () => {
  expect(crowdFaults({ statuses: {}, outcomes: { 'place-lost': 1 } })).toEqual(['1 buyers ended as place-lost'])
})

it('finds an outcome that does not fit the intent, and a buyer without one', () => {
  expect(endFaults({ buyers: fine }, 5)).toEqual([])
  expect(endFaults({ buyers: fine }, 6)).toEqual(['5 of 6 buyers finished'])
  expect(endFaults({ buyers: [end('be-declined', 'confirmed')] }, 1)).toEqual([
    '1 outcomes do not fit their intents, the first: intent be-declined, outcome confirmed',
  ])
})
