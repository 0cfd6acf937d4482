import { setTimeout as delay } from 'node:timers/promises'
import { type AppName, appNames, type System } from '@floodgate/dev/system'
import { type BenchRun, defineBench } from '../bench.ts'
import { readProcessCost } from '../machine/process-cost.ts'
import { type BenchSystem, withSystem } from '../system/system.ts'
import { readMemory } from './read-memory.ts'
import { reportIdle } from './report-idle.ts'

interface Values {
  readonly bus: string
  readonly settle: number
  readonly seconds: number
}

/** Measures what the four apps consume while a sale is open and has no visitors. */
export const idleBench = defineBench({
  name: 'idle',
  about: 'CPU and memory of the four apps in an open sale without buyers',
  group: 'cost',
  needs: [],
  options: {
    bus: { about: 'event bus: redis or kafka', default: 'redis' },
    settle: { about: 'seconds before the measurement, so that start and opening are over', default: 15, small: 1 },
    seconds: { about: 'seconds of the measurement', default: 40, small: 2 },
  },
  run: (run) =>
    withSystem(run, { bus: run.values.bus === 'kafka' ? 'kafka' : 'redis' }, (system) => runIdle(run, system)),
})

async function runIdle({ values, progress, signal }: BenchRun<Values>, system: BenchSystem) {
  const { operator } = system
  await operator.openSale('idle')
  await delay(values.settle * 1_000, undefined, { signal })
  progress(`measuring for ${values.seconds} s without requests`)
  const before = await cpuOf(system)
  await delay(values.seconds * 1_000, undefined, { signal })
  const after = await cpuOf(system)
  const apps = await Promise.all(
    appNames.map(async (name) => ({
      name,
      cpuPercent: ((after.cpuMs[name] - before.cpuMs[name]) / (after.atMs - before.atMs)) * 100,
      ...(await readMemory(pidOf(system, name))),
    })),
  )
  return reportIdle({ apps, seconds: values.seconds, bus: values.bus, restarts: system.deaths().length })
}

async function cpuOf(system: System) {
  const entries = await Promise.all(
    appNames.map(async (name) => [name, (await readProcessCost(pidOf(system, name))).cpuMs] as const),
  )
  return { atMs: performance.now(), cpuMs: Object.fromEntries(entries) as Record<AppName, number> }
}

function pidOf(system: System, name: AppName): number {
  const pid = system.pidsOf(name)[0]
  if (pid === undefined) throw new Error(`The ${name} does not run.`)
  return pid
}
