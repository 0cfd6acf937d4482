// Requests arrive at a given rate, independently of the responses. The rate rises, stays, and falls. Each arrival is
// the next request of one of the users, who poll more often than the server requests, as people do in a burst.
import exec from 'k6/execution'
import { intentOf } from './lib/intent.js'
import { commonOptions } from './lib/options.js'
import { coreOf, roomOf, settings } from './lib/settings.js'
import { arrive, nextStep } from './lib/steps.js'

export { handleSummary } from './lib/summary.js'

const { levels, secondsPerLevel, climbSeconds, vus, users } = settings

export const options = {
  ...commonOptions,
  // An iteration is one request; users keep their connection from one to the next.
  noVUConnectionReuse: false,
  scenarios: {
    burst: {
      executor: 'ramping-arrival-rate',
      startRate: levels[0],
      preAllocatedVUs: vus,
      maxVUs: vus,
      gracefulStop: '10m',
      stages: levels.flatMap((target) => [
        { target, duration: `${climbSeconds}s` },
        { target, duration: `${secondsPerLevel - climbSeconds}s` },
      ]),
    },
  },
}

/** The users of this VU: every `vus`-th. */
let mine
let turn = 0

export default function request() {
  const first = exec.vu.idInTest - 1
  mine ??= Array.from({ length: Math.ceil((users - first) / vus) }, (_, index) => first + index * vus).map((number) =>
    arrive({ number, intent: intentOf(number), room: roomOf(number), core: coreOf(number) }),
  )
  nextStep(mine[turn % mine.length])
  turn += 1
}
