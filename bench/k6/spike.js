// Everybody comes within seconds: nothing but joins, at a rate that does not wait for the answers.
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
      // A start that stalls costs its first arrivals: the seconds more are for as many as were lost.
      duration: `${seconds + STALL_SECONDS_MAX}s`,
      // However long the answers take, somebody is free for the next arrival, also for those who are nobody.
      preAllocatedVUs: users + SPARE_VUS,
      maxVUs: users + SPARE_VUS,
      gracefulStop: '10m',
    },
  },
}

export default function comeAndJoin() {
  const number = exec.scenario.iterationInTest
  // Everybody is here; what else arrives is nobody.
  if (number >= users) return
  join(roomOf(number), buyerName(number))
}
