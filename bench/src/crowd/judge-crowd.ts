import { type Crowd, isFailure, type Measures, type Outcome } from '@floodgate/crowd'

/** Ends that no buyer of a sound sale has: the others are answers, these are questions. */
const unsound: readonly Outcome[] = ['refused', 'place-lost', 'pending', 'gave-up', 'cut-short']

/** What went wrong as the buyers saw it: an answer that failed, a visit that led nowhere, a right end for no reason. Pure. */
export function judgeCrowd({ buyers }: Crowd, { statuses }: Pick<Measures, 'statuses'>): string[] {
  const failures = Object.entries(statuses)
    .filter(([status]) => isFailure(status === 'none' ? undefined : Number(status)))
    .map(([status, count]) => `${count} answers were ${status === 'none' ? 'none at all' : status}`)
  const ends = unsound.flatMap((outcome) => {
    const count = buyers.filter((buyer) => buyer.outcome === outcome).length
    return count === 0 ? [] : [`${count} of ${buyers.length} buyers ended as ${outcome}`]
  })
  const astray = buyers.filter(({ intent, outcome }) => !mayEnd(intent, outcome) && !unsound.includes(outcome))
  const wrong = astray
    .slice(0, 1)
    .map(
      ({ intent, outcome }) => `${astray.length} ends do not fit, the first: wanted to ${intent}, ended as ${outcome}`,
    )
  return [...failures, ...ends, ...wrong]
}

function mayEnd(intent: Crowd['buyers'][number]['intent'], outcome: Outcome): boolean {
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
