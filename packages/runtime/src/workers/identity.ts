import cluster from 'node:cluster'

/** Which of an app's workers a process is. */
export interface WorkerIdentity {
  /** 1 to `WORKERS`; a restarted worker keeps its number. */
  readonly number: number
  /** 1 for the first process under this number, 2 for the one after its death, … */
  readonly run: number
  /** The ports all of them share. */
  readonly port: number
  readonly opsPort: number
}

const numberVariable = 'FLOODGATE_WORKER'
const runVariable = 'FLOODGATE_WORKER_LIFE'
const portVariable = 'FLOODGATE_WORKER_PORT'
const opsPortVariable = 'FLOODGATE_WORKER_OPS_PORT'

/** This process' identity; `undefined` in one that runs alone and in the primary. */
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

/** The variables by which a forked process knows its identity. */
export function identityVariables({ number, run, port, opsPort }: WorkerIdentity): Record<string, string> {
  return {
    [numberVariable]: String(number),
    [runVariable]: String(run),
    [portVariable]: String(port),
    [opsPortVariable]: String(opsPort),
  }
}
