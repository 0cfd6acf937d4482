import cluster from 'node:cluster'

/** Identifies one of an app's workers. */
export interface WorkerIdentity {
  /** 1 to `WORKERS`; a restarted worker keeps its number. */
  readonly number: number
  /** 1 for the first process with this number, 2 for its replacement, … */
  readonly run: number
  /** The port that all workers share. */
  readonly port: number
  readonly opsPort: number
}

const numberVariable = 'FLOODGATE_WORKER'
const runVariable = 'FLOODGATE_WORKER_LIFE'
const portVariable = 'FLOODGATE_WORKER_PORT'
const opsPortVariable = 'FLOODGATE_WORKER_OPS_PORT'

/** Returns this process' identity; `undefined` in a process that runs alone and in the primary. */
export function thisWorker(env: Readonly<Record<string, string | undefined>>): WorkerIdentity | undefined {
  const number = Number(env[numberVariable])
  return cluster.isWorker && number > 0
    ? {
        number,
        run: Number(env[runVariable]),
        port: Number(env[portVariable]),
        opsPort: Number(env[opsPortVariable]),
      }
    : undefined
}

/** Returns the variables from which a forked process reads its identity. */
export function identityVariables({ number, run, port, opsPort }: WorkerIdentity): Record<string, string> {
  return {
    [numberVariable]: String(number),
    [runVariable]: String(run),
    [portVariable]: String(port),
    [opsPortVariable]: String(opsPort),
  }
}
