import { collectDefaultMetrics, Registry } from 'prom-client'

/**
 * A registry of its own per service, with the process' default metrics. Label values come from closed sets only:
 * never an id, an address or a path as it was sent.
 */
export const createMetrics = (app: string): Registry => {
  const registry = new Registry()
  registry.setDefaultLabels({ app })
  collectDefaultMetrics({ register: registry })
  return registry
}

/** Bounds for request durations in seconds: fine where promises are made (1 to 100 ms), coarse above. */
export const durationBucketsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
