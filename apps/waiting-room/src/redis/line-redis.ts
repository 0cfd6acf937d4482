import { basename } from 'node:path'
import {
  defineScript,
  isRedisUnavailable,
  type RedisClient,
  type RunIdGuard,
  runScript,
  type Script,
  type ScriptArgument,
} from '@floodgate/redis'
import { AppError } from '@floodgate/runtime'
import { type LineKeys, lineKeys } from './keys.ts'

/** The only access to a line's Redis: it gives every script its time and the server's run id. */
export interface LineRedis {
  readonly redis: RedisClient
  /** Returns the run id of the Redis that holds a sale; throws `unavailable` while it is unknown. */
  runId(sale: string): string
  /** Tells whether Redis, or a master of a Cluster, is connected. */
  isConnected(): boolean
  /** Milliseconds since 1970, or '' for Redis' own clock. Only tests set a time. */
  now(): number | ''
  run(script: LineScript, sale: string, args: readonly ScriptArgument[]): Promise<unknown>
}

/** A script, and the sale's keys that it uses in the order of its `KEYS`. */
export interface LineScript {
  readonly script: Script
  readonly keys: readonly (keyof LineKeys)[]
}

const UNPACKED = /^local ([\w, \n]+?) =\s*unpack\(KEYS\)/m

/** Reads a script of one sale. Its keys are the names that it unpacks them to, unless others are given; an unknown name throws. */
export function defineLineScript(file: URL, given?: LineScript['keys']): LineScript {
  const script = defineScript({ name: basename(file.pathname, '.lua'), file, numberOfKeys: 'any' })
  const keys = given ?? UNPACKED.exec(script.lua)?.[1]?.split(/,\s*/).map(keyNamed)
  if (keys === undefined) throw new TypeError(`${script.name}.lua unpacks no keys.`)
  return { script: { ...script, numberOfKeys: keys.length }, keys }
}

const knownKeys = lineKeys('')

function keyNamed(name: string): keyof LineKeys {
  if (!isKey(name)) throw new TypeError(`A sale has no key named ${name}.`)
  return name
}

const isKey = (name: string): name is keyof LineKeys => name in knownKeys

const REDIS_AWAY_MS = 2_000

export function redisUnavailable(cause?: unknown): AppError {
  return new AppError('unavailable', {
    detail: 'The line cannot be reached at the moment. Places are kept; try again in a moment.',
    retryAfterSeconds: REDIS_AWAY_MS / 1_000,
    cause,
  })
}

/** Runs work that needs Redis; maps an outage to `unavailable`. */
export async function whileRedisIsThere<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (cause) {
    throw isRedisUnavailable(cause) ? redisUnavailable(cause) : cause
  }
}

export function createLineRedis(options: { redis: RedisClient; guard: RunIdGuard; now?(): number }): LineRedis {
  const now = options.now ?? (() => '' as const)
  return {
    redis: options.redis,
    now,
    isConnected: options.guard.isAnyKnown,
    runId: (sale) => {
      const runId = options.guard.current(lineKeys(sale).sale)
      if (runId === undefined) throw redisUnavailable()
      return runId
    },
    run: ({ script, keys }, sale, args) => {
      const known = lineKeys(sale)
      const call = { keys: keys.map((key) => known[key]), args: [now(), ...args] }
      return whileRedisIsThere(() => runScript(options.redis, script, call))
    },
  }
}
