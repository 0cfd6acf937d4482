import { join } from 'node:path'
import type { Operator } from '@floodgate/client'
import { removeData, type System, type SystemOptions, startSystem, withoutClientLimits } from '@floodgate/dev/system'
import type { BenchRun } from '../bench.ts'
import { createBenchOperator } from './operator.ts'

/** A running system of a bench, with the operator's calls. */
export interface BenchSystem extends System {
  readonly operator: Operator
}

/** Starts a new system in the run's directory, passes it to `work`, and ends it in any case. */
export async function withSystem<Result>(
  run: Pick<BenchRun, 'directory' | 'progress' | 'signal'>,
  options: Omit<SystemOptions, 'dataDir' | 'ports' | 'signal'>,
  work: (system: BenchSystem) => Promise<Result>,
): Promise<Result> {
  run.progress('starting a system')
  const system = await startSystem({
    dataDir: join(run.directory, 'data'),
    ports: 'free',
    durable: false,
    endWithParent: true,
    signal: run.signal,
    ...options,
    // All load comes from this machine.
    environment: withoutClientLimits(options.environment),
  })
  try {
    return await work({ ...system, operator: createBenchOperator(system) })
  } finally {
    run.progress('stopping the system')
    await system.stop()
    await removeData(system.dataDir)
  }
}
