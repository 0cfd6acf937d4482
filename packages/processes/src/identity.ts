import { readFile } from 'node:fs/promises'

/** Identifies a process, also against a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks between the machine's boot and the start of the process (proc(5), field 22). */
  readonly startTime: number
}

const STATE_FIELD = 0
const START_TIME_FIELD = 19

/** Reads the process that currently has this pid; `undefined` when there is none or it is a zombie. */
export async function processIdentity(pid: number): Promise<ProcessIdentity | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return stat === undefined ? undefined : parseProcessStat(pid, stat)
}

/** Tells whether the identified process still runs. */
export async function isSameProcess(identity: ProcessIdentity): Promise<boolean> {
  const now = await processIdentity(identity.pid)
  return now?.startTime === identity.startTime
}

/**
 * Parses the file for {@link processIdentity}. Pure. The name (field 2) may contain blanks and brackets: fields are
 * counted after the last bracket.
 */
export function parseProcessStat(pid: number, stat: string): ProcessIdentity | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const state = fields[STATE_FIELD]
  const startTime = Number(fields[START_TIME_FIELD])
  if (state === 'Z' || state === 'X' || !Number.isSafeInteger(startTime)) return undefined
  return { pid, startTime }
}
