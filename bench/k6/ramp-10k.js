// Buyers arrive one by one until all have arrived. Each makes one whole visit, at its own pace.
import { sleep } from 'k6'
import exec from 'k6/execution'
import { commonOptions } from './lib/options.js'
import { ended } from './lib/outcome.js'
import { settings } from './lib/settings.js'
import { visit } from './lib/visit.js'

export { handleSummary } from './lib/summary.js'

export const options = {
  ...commonOptions,
  scenarios: {
    buyers: { executor: 'per-vu-iterations', vus: settings.users, iterations: 1, maxDuration: '3h' },
  },
}

export default async function arriveAndVisit() {
  const number = exec.vu.idInTest - 1
  sleep((settings.rampSeconds * number) / settings.users)
  ended(await visit(number))
}
