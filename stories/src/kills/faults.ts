import { join } from 'node:path'
import type { NewSale } from '@floodgate/client'
import type { AppName, System } from '@floodgate/dev/system'
import { cutLastSecond } from '@floodgate/testkit'

/** A fault that is injected during a rush. */
export interface Fault {
  readonly name: string
  /** Settings of a sale that tolerates it. */
  readonly sale?: Partial<NewSale>
  /** Prepares the system before the rush. */
  prepare?(system: System): Promise<void>
  /** Resolves as soon as the fault has begun; called when enough orders are confirmed, and may have begun before. */
  inject(system: System): Promise<{ readonly recovered: Promise<void> }>
}

const APPS: readonly AppName[] = ['waiting-room', 'order-core', 'payment-worker', 'notifier']

type Draw = () => number
const between = (draw: Draw, low: number, high: number): number => low + Math.floor(draw() * (high - low + 1))

/** Kills one of an app's processes with SIGKILL. */
export function kill(app: AppName, draw: Draw): Fault {
  const first = draw() < 0.5
  return {
    name: `SIGKILL for ${app}`,
    async inject(system) {
      const replica = first ? 0 : system.urlsOf(app).length - 1
      await system.kill(app, { replica })
      return { recovered: Promise.resolve() }
    },
  }
}

/** Kills a process with SIGKILL at a fail point, when it is reached for the n-th time. */
export function killAt(failPoint: string, options: { app: AppName; draw: Draw; low: number; high: number }): Fault {
  const { app } = options
  const times = between(options.draw, options.low, options.high)
  let before = 0
  return {
    name: `${failPoint}=kill@${times} in ${app}`,
    async prepare(system) {
      await system.restartApp(app, { failPoints: [`${failPoint}=kill@${times}`] })
      before = system.deaths().length
    },
    async inject(system) {
      await until(() => system.deaths().length > before, `${app} did not reach ${failPoint} ${times} times.`)
      return { recovered: Promise.resolve() }
    },
  }
}

/** Kills Postgres with SIGKILL; it then recovers from its log. */
export const crashPostgres: Fault = {
  name: 'SIGKILL for Postgres',
  inject: (system) => crash(system, 'postgres'),
}

/** Kills Redis with SIGKILL; it then reads its append-only file. */
export const crashRedis: Fault = {
  name: 'SIGKILL for Redis',
  inject: (system) => crash(system, 'redis'),
}

/**
 * Kills Redis with SIGKILL and cuts the last second of its append-only file, as a power loss does. Slots returned
 * within that second end only at their deadline, which is short here.
 */
export const crashRedisAndCut: Fault = {
  name: "SIGKILL for Redis and the loss of its file's last second",
  sale: { admissionTtlSeconds: 45, returnSeconds: 45 },
  inject: (system) => crash(system, 'redis', loseLastSecond),
}

/**
 * Does the same, and kills every process of every app with Redis, as on one machine without power. A buyer who was
 * admitted within that second and has already finished waits once more, absent: it is admitted again, or set aside and
 * given up after `returnSeconds`.
 */
export const cutPower: Fault = {
  name: 'a power cut: SIGKILL for Redis and every app, and the loss of the last second',
  sale: { admissionTtlSeconds: 45, returnSeconds: 45 },
  inject: (system) =>
    crash(system, 'redis', async (server) => {
      const kills = APPS.flatMap((app) => system.urlsOf(app).map((_, replica) => system.kill(app, { replica })))
      await Promise.all(kills)
      await loseLastSecond(server)
    }),
}

async function loseLastSecond({ dataDir }: { readonly dataDir: string }): Promise<void> {
  const bytes = await cutLastSecond(join(dataDir, 'appendonlydir'))
  if (bytes === 0) throw new Error('The file had no last second to cut off.')
}

async function crash(
  system: System,
  server: 'postgres' | 'redis',
  whileDown: (server: { readonly dataDir: string }) => Promise<void> = async () => {},
): Promise<{ readonly recovered: Promise<void> }> {
  const down = Promise.withResolvers<void>()
  const recovered = system.crashServer(server, async (own) => {
    down.resolve()
    await whileDown(own)
  })
  await Promise.race([down.promise, recovered])
  return { recovered }
}

const INJECT_MS_MAX = 300_000
const LOOK_MS = 5

export async function until(isTrue: () => boolean, otherwise: string): Promise<void> {
  for (const deadline = performance.now() + INJECT_MS_MAX; !isTrue(); ) {
    if (performance.now() > deadline) throw new Error(otherwise)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}
