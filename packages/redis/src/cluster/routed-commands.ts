import type { Redis } from 'ioredis'

/** Commands whose first argument is a key, or several in one slot. */
const COMMANDS = [
  'del',
  'exists',
  'getrangeBuffer',
  'hdel',
  'hexists',
  'hget',
  'hgetall',
  'hmget',
  'hset',
  'publish',
  'sismember',
  'smembers',
  'srem',
  'strlen',
  'unlink',
  'xadd',
  'xdel',
  'xlen',
  'xrange',
  'xrevrange',
  'xtrim',
  'zadd',
  'zcard',
  'zrange',
  'zrangebyscore',
  'zrem',
  'zscan',
  'zscore',
] as const satisfies readonly (keyof Redis)[]

/** The plain commands that our code calls, each sent to the server that holds its key. */
export type RoutedCommands = Pick<Redis, (typeof COMMANDS)[number]>

type Call = (...args: unknown[]) => unknown

/** Returns the commands, each of which looks up the server of its first key and calls it there. */
export function routeCommands(serverOf: (key: string) => Redis): RoutedCommands {
  const routed = COMMANDS.map((name) => {
    async function call(...args: unknown[]): Promise<unknown> {
      const server = serverOf(String([args[0]].flat()[0]))
      return (server[name] as unknown as Call).apply(server, args)
    }
    return [name, call]
  })
  return Object.fromEntries(routed) as RoutedCommands
}
