import {
  isRedisUnavailable,
  type Redis,
  type RunIdGuard,
  runScript,
  type Script,
  type ScriptArgument,
} from '@floodgate/redis'
import { AppError } from '@floodgate/runtime'
import { type LineKeys, lineKeys } from './keys.ts'

/** The one way to a line's Redis: every script gets its time and the server's run id from here. */
export interface LineRedis {
  readonly redis: Redis
  /** The run id of the Redis behind the connection; throws `unavailable` while it is not known. */
  readonly runId: () => string
  /** Milliseconds since 1970, or '' for Redis' own clock. Only tests give a time. */
  readonly now: () => number | ''
  readonly run: (script: Script, sale: string, call: LineCall) => Promise<unknown>
}

export interface LineCall {
  readonly keys: readonly (keyof LineKeys)[]
  readonly args: readonly ScriptArgument[]
}

const redisAwayMs = 2_000

export const redisUnavailable = (cause?: unknown): AppError =>
  new AppError('unavailable', {
    detail: 'The line can not be reached at the moment. Places are kept; try again in a moment.',
    retryAfterSeconds: redisAwayMs / 1_000,
    cause,
  })

/** Runs what needs Redis; while it is away callers are told to try again. */
export const whileRedisIsThere = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work()
  } catch (cause) {
    throw isRedisUnavailable(cause) ? redisUnavailable(cause) : cause
  }
}

export const createLineRedis = (options: { redis: Redis; guard: RunIdGuard; now?: () => number }): LineRedis => {
  const now = options.now ?? (() => '' as const)
  return {
    redis: options.redis,
    now,
    runId: () => {
      const runId = options.guard.current()
      if (runId === undefined) throw redisUnavailable()
      return runId
    },
    run: (script, sale, { keys, args }) => {
      const known = lineKeys(sale)
      const call = { keys: keys.map((key) => known[key]), args: [now(), ...args] }
      return whileRedisIsThere(() => runScript(options.redis, script, call))
    },
  }
}
