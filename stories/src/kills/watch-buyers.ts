import { monitorEventLoopDelay } from 'node:perf_hooks'
import { appNames } from '@floodgate/dev/system'
import { expect } from 'vitest'
import type { TestSystem } from '../client/test-system.ts'

const RESPONSE_MS_MAX = 5_000

export interface BuyersWatch {
  figures(): Readonly<Record<string, number | string>>
  /** Expects that every request got a response within 5 s, and no process of an app died. */
  expectServed(): void
}

/** Watches from here on how buyers are served, and which processes die. */
export function watchBuyers({ system, responses }: TestSystem): BuyersWatch {
  const pidsOfApps = () => appNames.map((app) => system.pidsOf(app))
  const pids = pidsOfApps()
  const deaths = system.deaths().length
  responses.reset()
  // A stall of the machine affects the apps like this process, so it does not count against a response.
  const lag = monitorEventLoopDelay()
  lag.enable()
  const lagMs = (): number => lag.max / 1e6
  return {
    figures() {
      const { request, ended, ms } = responses.longest()
      return {
        ...{ responses: responses.count(), unavailable: responses.withStatus(503) },
        ...{ longestMs: Math.round(ms), longest: `${request} ${ended}`, lagMs: Math.round(lagMs()) },
      }
    },
    expectServed() {
      lag.disable()
      expect(responses.failed()).toEqual([])
      expect(responses.longest().ms).toBeLessThan(RESPONSE_MS_MAX + lagMs())
      expect(system.deaths().slice(deaths)).toEqual([])
      expect(pidsOfApps()).toEqual(pids)
    },
  }
}
