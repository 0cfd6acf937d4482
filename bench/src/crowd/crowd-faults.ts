import { type Crowd, type Intent, isFailure, type Measures, type Outcome } from '@floodgate/crowd'
import { type FaultCheck, faults } from '../report/faults.ts'

/** Outcomes that no buyer of a correct sale has. */
const impossible: readonly Outcome[] = ['refused', 'place-lost', 'pending', 'gave-up', 'cut-short']

/** Lists the faults that buyers saw: a failed response, or a visit without an outcome. Pure. */
export function crowdFaults({ statuses, outcomes }: Pick<Measures, 'statuses' | 'outcomes'>): string[] {
  const responses = Object.entries(statuses).map(([status, count]): FaultCheck => {
    const isNone = status === 'none'
    return [
      isFailure(isNone ? undefined : Number(status)),
      isNone ? `${count} requests got no response` : `${count} responses were ${status}`,
    ]
  })
  const ends = impossible.map((outcome): FaultCheck => {
    const count = outcomes[outcome] ?? 0
    return [count > 0, `${count} buyers ended as ${outcome}`]
  })
  return faults([...responses, ...ends])
}

/** Lists outcomes that do not fit the buyers' intents, and buyers with an unknown outcome. Pure. */
export function endFaults({ buyers }: Crowd, size: number): string[] {
  const astray = buyers.filter(({ intent, outcome }) => !mayEnd(intent, outcome) && !impossible.includes(outcome))
  const [first] = astray
  const puzzled = buyers.find(({ why }) => why !== undefined)
  return faults([
    [buyers.length !== size, `${buyers.length} of ${size} buyers finished`],
    [
      astray.length > 0,
      `${astray.length} outcomes do not fit their intents, the first: intent ${first?.intent}, outcome ${first?.outcome}`,
    ],
    [puzzled !== undefined, `the first buyer who gave up: ${puzzled?.why}`],
  ])
}

function mayEnd(intent: Intent, outcome: Outcome): boolean {
  switch (intent) {
    case 'buy':
      return outcome === 'confirmed' || outcome === 'sold-out'
    case 'be-declined':
      return outcome === 'declined' || outcome === 'sold-out'
    case 'leave':
      return outcome === 'left'
    case 'wait':
      return outcome === 'waited'
  }
}
