import { setTimeout as delay } from 'node:timers/promises'
import type { AppName, System } from '@floodgate/dev/system'
import { startTcpProxy, type TcpProxy } from '@floodgate/testkit'

type Draw = () => number
const between = (draw: Draw, low: number, high: number): number => low + draw() * (high - low)

/** Delay of one way; a round trip takes twice as long. */
const DELAY_MS = [25, 100] as const
const APART_MS = [200, 1_200] as const
/** The range of delays: from hardly noticeable to longer than a call to Redis may take. */
const SWALLOW_MS = [1_000, 6_000] as const

export interface BadNetwork {
  /** Disturbs one path after the other until the signal aborts; then all paths work again, only slowly. */
  spoil(draw: Draw, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/**
 * Restarts all apps so that they reach Postgres, Redis, the provider and the mail server through proxies, one per path.
 */
export async function putNetworkBetween(system: System): Promise<BadNetwork> {
  const paths: TcpProxy[] = []
  async function through(target: string): Promise<string> {
    const proxy = await startTcpProxy(target)
    paths.push(proxy)
    return proxy.url
  }
  async function reroute(app: AppName, variables: readonly string[]): Promise<void> {
    const own = system.environmentOf(app)
    const environment: Record<string, string> = {}
    for (const name of variables) environment[name] = await through(own[name] ?? '')
    await system.restartApp(app, { environment })
  }
  const stores = ['DATABASE_URL', 'REDIS_URL']
  await Promise.all([
    reroute('waiting-room', stores),
    reroute('order-core', stores),
    reroute('payment-worker', [...stores, 'GATEWAY_URL']),
    reroute('notifier', [...stores, 'SMTP_URL']),
  ])

  async function swallow(path: TcpProxy, ms: number, signal: AbortSignal): Promise<void> {
    path.blackhole()
    // An abort only ends the silence.
    await delay(ms, undefined, { signal }).catch(() => undefined)
    path.heal()
  }
  return {
    async spoil(draw, signal) {
      const silences = new Map<TcpProxy, Promise<void>>()
      while (!signal.aborted) {
        for (const path of paths) path.delay(between(draw, ...DELAY_MS))
        const path = paths[Math.floor(draw() * paths.length)]
        if (path === undefined) throw new Error('No path to disturb.')
        if (draw() < 0.6) path.cut()
        else if (!silences.has(path)) {
          const silence = swallow(path, between(draw, ...SWALLOW_MS), signal).finally(() => silences.delete(path))
          silences.set(path, silence)
        }
        await delay(between(draw, ...APART_MS), undefined, { signal }).catch(() => undefined)
      }
      await Promise.all(silences.values())
    },
    async close() {
      await Promise.all(paths.map((path) => path.close()))
    },
  }
}
