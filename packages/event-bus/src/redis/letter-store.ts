import { defineScript, runScript } from '@floodgate/redis'
import type { LetterStore, StoredLetter } from '../letters/port.ts'
import type { BusRedis } from './keys.ts'
import { entry } from './read.ts'

const removeScript = defineScript({
  name: 'removeLetters',
  file: new URL('./remove-letters.lua', import.meta.url),
  numberOfKeys: 2,
})
const noteScript = defineScript({
  name: 'noteReplays',
  file: new URL('./note-replays.lua', import.meta.url),
  numberOfKeys: 2,
})

type Entries = readonly [id: string, fields: string[]][]

/** Stores the dead letters of a group in its stream; a hash counts their replays. */
export function createRedisLetterStore({ redis, keys: keysOf }: BusRedis, group: string): LetterStore {
  const stream = keysOf.deadLetters(group)
  const keys = [stream, keysOf.replays(group)]

  async function withReplays(entries: Entries): Promise<StoredLetter[]> {
    if (entries.length === 0) return []
    const fields = entries.flatMap(([id]) => [`${id}:count`, `${id}:reason`])
    const known = await redis.hmget(keysOf.replays(group), ...fields)
    return entries.map(([id, of], index) => letterOf(id, of, known.slice(2 * index, 2 * index + 2)))
  }

  return {
    async page({ order, limit, after }) {
      if (after !== undefined && !isLetterId(after)) return []
      const from = after === undefined ? undefined : `(${after}`
      if (order === 'oldest') return withReplays(await redis.xrange(stream, from ?? '-', '+', 'COUNT', limit))
      return withReplays(await redis.xrevrange(stream, from ?? '+', '-', 'COUNT', limit))
    },
    async find(ids) {
      const wanted = [...new Set(ids)].filter(isLetterId)
      const found = await Promise.all(wanted.map((id) => redis.xrange(stream, id, id)))
      return withReplays(found.flat().toSorted(([a], [b]) => compareIds(a, b)))
    },
    async remove(ids) {
      const wanted = ids.filter(isLetterId)
      if (wanted.length === 0) return []
      return (await runScript(redis, removeScript, { keys, args: wanted })) as string[]
    },
    async noteFailures(failures) {
      if (failures.length === 0) return
      await runScript(redis, noteScript, { keys, args: failures.flatMap(({ id, reason }) => [id, reason]) })
    },
    count: () => redis.xlen(stream),
  }
}

function letterOf(id: string, fields: string[], [count, reason]: (string | null)[]): StoredLetter {
  const { key, headers, value } = entry(id, fields)
  const present = Object.entries(headers).filter((each): each is [string, string] => each[1] !== undefined)
  const replayed = reason ? { replayReason: reason } : {}
  return { id, key, value, headers: Object.fromEntries(present), replays: Number(count ?? 0), ...replayed }
}

const isLetterId = (id: string): boolean => /^\d{1,15}-\d{1,15}$/.test(id)

function compareIds(a: string, b: string): number {
  const [aMs = 0, aNumber = 0] = a.split('-').map(Number)
  const [bMs = 0, bNumber = 0] = b.split('-').map(Number)
  return aMs - bMs || aNumber - bNumber
}
