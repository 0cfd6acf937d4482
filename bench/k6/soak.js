// A constant rate of a few buyers per second, long enough to reveal growth.
import exec from 'k6/execution'
import { commonOptions } from './lib/options.js'
import { ended } from './lib/outcome.js'
import { settings } from './lib/settings.js'
import { visit } from './lib/visit.js'

export { handleSummary } from './lib/summary.js'

const { perSecond, seconds, vus } = settings

export const options = {
  ...commonOptions,
  scenarios: {
    soak: {
      executor: 'constant-arrival-rate',
      rate: perSecond,
      duration: `${seconds}s`,
      preAllocatedVUs: vus,
      maxVUs: vus,
      gracefulStop: '10m',
    },
  },
}

export default async function comeAndVisit() {
  ended(await visit(exec.scenario.iterationInTest))
}
