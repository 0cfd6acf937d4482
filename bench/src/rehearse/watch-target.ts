import { setTimeout as delay } from 'node:timers/promises'
import type { Operator } from '@floodgate/client'
import { unitsSold } from '../audit/sale-faults.ts'
import type { Target } from './find-target.ts'
import { appSample, type Exposition, readExposition } from './read-metrics.ts'
import type { AppSample, LoadedApp, Sample } from './sample.ts'

const SECOND = 1_000
const METRICS_MS_MAX = 2 * SECOND

export interface Watch {
  readonly samples: readonly Sample[]
  /** Takes a last sample and stops. */
  stop(): Promise<void>
}

/** Samples a deployment once a second. A value that cannot be read is left out, and the run continues. */
export function watchTarget(options: {
  readonly target: Target
  readonly operator: Operator
  readonly sale: string
  onSample(sample: Sample): void
}): Watch {
  const { operator, sale, onSample } = options
  const startedAt = performance.now()
  const samples: Sample[] = []
  const readApps = createAppReader(options.target)
  const over = new AbortController()

  async function look(): Promise<void> {
    const [watched, stock, apps] = await Promise.all([
      operator.sale(sale).catch(() => undefined),
      operator.stock(sale).catch(() => undefined),
      readApps(),
    ])
    const sample: Sample = {
      atMs: performance.now() - startedAt,
      apps,
      ...(watched === undefined ? {} : { counts: watched.counts, fairness: watched.fairness }),
      ...(stock === undefined ? {} : { stock: figuresOf(stock) }),
    }
    samples.push(sample)
    onSample(sample)
  }
  async function keepLooking(): Promise<void> {
    while (!over.signal.aborted) {
      const nextAt = performance.now() + SECOND
      await look()
      await delay(Math.max(0, nextAt - performance.now()), undefined, { signal: over.signal }).catch(() => undefined)
    }
  }
  const looking = keepLooking()
  return {
    samples,
    async stop() {
      over.abort()
      await looking
      await look()
    },
  }
}

const figuresOf = (audit: Awaited<ReturnType<Operator['stock']>>): NonNullable<Sample['stock']> => ({
  total: audit.skus.reduce((sum, { total }) => sum + total, 0),
  sold: unitsSold(audit),
  held: audit.skus.reduce((sum, { postgres }) => sum + postgres.held, 0),
  agree: audit.agree,
})

/** Creates a reader that keeps each app's previous scrape. */
function createAppReader(target: Target): () => Promise<AppSample[]> {
  const apps: readonly (readonly [LoadedApp, string | undefined])[] = [
    ['waiting room', target.operations.waitingRoom],
    ['order core', target.operations.orderCore],
    ['payment worker', target.operations.paymentWorker],
  ]
  const before = new Map<LoadedApp, Exposition>()
  return async function readApp() {
    const samples = await Promise.all(
      apps.map(async ([app, url]) => {
        const text = url === undefined ? undefined : await readMetrics(url)
        if (text === undefined) return undefined
        const now = readExposition(text)
        const sample = appSample(app, before.get(app), now)
        before.set(app, now)
        return sample
      }),
    )
    return samples.filter((sample) => sample !== undefined)
  }
}

/** Returns undefined if the operations port is unreachable from here. */
async function readMetrics(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${url}/metrics`, { redirect: 'manual', signal: AbortSignal.timeout(METRICS_MS_MAX) })
    return response.status === 200 ? await response.text() : undefined
  } catch {
    return undefined
  }
}
