import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type RedisClient, serverOf } from './client.ts'
import { replyErrorCode } from './unavailable.ts'

/** A Lua script, read from its own file. */
export interface Script {
  readonly name: string
  /** `any` for a script that counts its keys itself. */
  readonly numberOfKeys: number | 'any'
  readonly lua: string
  /** SHA-1 of the text, its name for `EVALSHA`. */
  readonly sha: string
}

export type ScriptArgument = string | number | Buffer

const INCLUDE = /^--- @include "(.+)"$/gm

/**
 * Reads a Lua file; replaces a line `--- @include "other.lua"` by that file, whose path is relative to the including
 * one.
 */
function readLua(file: URL): string {
  return readFileSync(file, 'utf8').replace(INCLUDE, (_, path: string) => readLua(new URL(path, file)))
}

/**
 * Reads a script from its `.lua` file: `defineScript({ name: 'hold', file: new URL('./hold.lua', import.meta.url),
 * numberOfKeys: 5 })`. Shared parts are included (see `readLua`). Call it at module level, so that a missing file stops
 * the process at its start.
 */
export function defineScript(options: {
  readonly name: string
  readonly file: URL
  readonly numberOfKeys: Script['numberOfKeys']
}): Script {
  const lua = readLua(options.file)
  const sha = createHash('sha1').update(lua).digest('hex')
  return { name: options.name, numberOfKeys: options.numberOfKeys, lua, sha }
}

/**
 * Runs a script and resolves to its raw reply. Redis runs it as a whole or, when it rejects it before its first write,
 * not at all. A server that has not loaded it (new, restarted, `SCRIPT FLUSH`) gets the text once, on the same
 * connection. Rejects like any call (see `createRedis`): then the script may have run, so it must be safe to run twice.
 *
 * Rejects a reply that is older than the command timeout. A process that was stopped reads it before its timers run, and
 * meanwhile another server may have become the master.
 *
 * Not ioredis' `defineCommand`: that tracks per socket what it sent, and a command defined while an automatic
 * pipeline fills is missing on it.
 */
export async function runScript(
  redis: RedisClient,
  script: Script,
  { keys, args }: { readonly keys: readonly string[]; readonly args: readonly ScriptArgument[] },
): Promise<unknown> {
  if (script.numberOfKeys !== 'any' && keys.length !== script.numberOfKeys)
    throw new TypeError(`Script ${script.name} takes ${script.numberOfKeys} keys, not ${keys.length}.`)
  const sentAtMs = performance.now()
  // The text, if it is needed, follows to the same server: on another one the run id among the arguments means nothing.
  const server = serverOf(redis, keys[0] ?? '')
  const reply = await server.evalsha(script.sha, keys.length, ...keys, ...args).catch((error: unknown) => {
    if (replyErrorCode(error) !== 'NOSCRIPT') throw error
    return server.eval(script.lua, keys.length, ...keys, ...args)
  })
  if (performance.now() - sentAtMs > (server.options.commandTimeout ?? Number.POSITIVE_INFINITY))
    throw new Error('Command timed out: the reply was too late.')
  return reply
}
