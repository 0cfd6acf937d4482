import { setTimeout as delay } from 'node:timers/promises'
import { defineScript, type Redis } from '@floodgate/redis'

/** How long one script took inside Redis, call by call, in microseconds. */
export interface ScriptTimes {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

interface LoggedCall {
  readonly microseconds: number
  readonly arguments: readonly string[]
}

const APPS = new URL('../../../apps/', import.meta.url)
/** The log is emptied when it is half full, so that a fast machine loses no entry. */
const ENTRIES_MAX = 50_000
const LOOK_MS = 100

/**
 * Returns the SHA-1 by which Redis knows an app's script. A bench never imports an app: it reads the text of the script
 * that the app sends, since the log of Redis names scripts only by their SHA.
 */
export function shaOf(path: string): string {
  return defineScript({ name: path, file: new URL(path, APPS), numberOfKeys: 'any' }).sha
}

/**
 * Runs `work` while Redis logs every call, and returns the entries: the duration of the execution without the wait
 * before it. Calls made by scripts are not included.
 */
export async function logCalls(
  redis: Redis,
  work: () => Promise<void>,
  { entriesMax = ENTRIES_MAX }: { readonly entriesMax?: number } = {},
): Promise<readonly LoggedCall[]> {
  await redis.config('SET', 'slowlog-max-len', entriesMax)
  await redis.slowlog('RESET')
  await redis.config('SET', 'slowlog-log-slower-than', 0)
  const calls: LoggedCall[] = []
  const over = new AbortController()
  const emptying = emptyMeanwhile(redis, { calls, entriesMax, signal: over.signal })
  try {
    await work()
  } finally {
    over.abort()
    await emptying
    await redis.config('SET', 'slowlog-log-slower-than', 10_000)
  }
  calls.push(...(await takeLogged(redis, entriesMax)))
  return calls
}

async function emptyMeanwhile(
  redis: Redis,
  of: { readonly calls: LoggedCall[]; readonly entriesMax: number; readonly signal: AbortSignal },
): Promise<void> {
  while (!of.signal.aborted) {
    if (Number(await redis.slowlog('LEN')) > of.entriesMax / 2)
      of.calls.push(...(await takeLogged(redis, of.entriesMax)))
    await delay(LOOK_MS, undefined, { signal: of.signal }).catch(() => undefined)
  }
}

/** Takes all entries out of the log at once. Throws when it was full, since it may have lost some. */
async function takeLogged(redis: Redis, entriesMax: number): Promise<readonly LoggedCall[]> {
  const [taken] = (await redis.multi().slowlog('GET', entriesMax).slowlog('RESET').exec()) ?? []
  const entries = (taken?.[1] ?? []) as [unknown, unknown, number, string[]][]
  if (entries.length >= entriesMax) throw new Error(`Redis got ${entriesMax} calls within ${LOOK_MS} ms.`)
  return entries.map(([, , microseconds, call]) => ({ microseconds, arguments: call }))
}

/** Returns the times of one script with one key; undefined when it was never called. Pure. */
export function scriptTimes(
  calls: readonly LoggedCall[],
  { sha, key }: { readonly sha: string; readonly key: string },
): ScriptTimes | undefined {
  const times = calls
    .filter(({ arguments: [command, name, , first] }) => {
      return command?.toLowerCase() === 'evalsha' && name === sha && first === key
    })
    .map(({ microseconds }) => microseconds)
    .toSorted((left, right) => left - right)
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  if (times.length === 0) return undefined
  return { count: times.length, p50: at(0.5), p99: at(0.99), max: at(1) }
}
