// Everybody arrives within seconds: only joins, at a rate that does not wait for the responses.
import exec from 'k6/execution'
import { join } from './lib/line.js'
import { commonOptions } from './lib/options.js'
import { buyerName, roomOf, settings } from './lib/settings.js'

export { handleSummary } from './lib/summary.js'

const { users, seconds } = settings
const STALL_SECONDS_MAX = 4
const SPARE_VUS = 20

export const options = {
  ...commonOptions,
  scenarios: {
    spike: {
      executor: 'constant-arrival-rate',
      rate: users,
      timeUnit: `${seconds}s`,
      // A stalled start loses its first arrivals: the additional seconds make up for them.
      duration: `${seconds + STALL_SECONDS_MAX}s`,
      // Enough VUs that one is free for each arrival, however long the responses take, including surplus ones.
      preAllocatedVUs: users + SPARE_VUS,
      maxVUs: users + SPARE_VUS,
      gracefulStop: '10m',
    },
  },
}

export default function comeAndJoin() {
  const number = exec.scenario.iterationInTest
  // Everybody has joined; further arrivals are surplus.
  if (number >= users) return
  join(roomOf(number), buyerName(number))
}
