import type { BuyerEnd, Intent, Outcome } from '@floodgate/crowd'
import { describe, expect, it } from 'vitest'
import { judgeCrowd } from './judge-crowd.ts'

const end = (intent: Intent, outcome: Outcome): BuyerEnd => ({ email: 'a@example.test', intent, outcome })
const fine = [
  end('buy', 'confirmed'),
  end('buy', 'sold-out'),
  end('be-declined', 'declined'),
  end('leave', 'left'),
  end('wait', 'waited'),
]
const statuses = { '200': 9, '201': 3, '409': 1 }

describe('what the buyers saw', () => {
  it('is sound when everybody came to an end that fits', () => {
    expect(judgeCrowd({ buyers: fine }, { statuses })).toEqual([])
  })

  it.each([
    ['a failed answer', fine, { '503': 2 }, '2 answers were 503'],
    ['no answer', fine, { none: 1 }, '1 answers were none at all'],
    ['a lost place', [...fine, end('wait', 'place-lost')], statuses, '1 of 6 buyers ended as place-lost'],
    [
      'a declined card that bought',
      [end('be-declined', 'confirmed')],
      statuses,
      '1 ends do not fit, the first: wanted to be-declined, ended as confirmed',
    ],
  ])('is not with %s', (_, buyers, seen, fault) => {
    expect(judgeCrowd({ buyers }, { statuses: seen })).toEqual([fault])
  })
})
