import { expect, it } from 'vitest'
import { judgeServer, type RedisInfo, readInfo } from './judge-server.ts'
import { mergeFindings } from './merge-findings.ts'

const sound: RedisInfo = {
  ...{ redis_mode: 'standalone', redis_version: '7.0.15', role: 'master', maxmemory_policy: 'noeviction' },
  ...{ aof_enabled: '1', connected_slaves: '2', min_slaves_good_slaves: '2', cluster_enabled: '0' },
}
const judge = (info: RedisInfo, { aheadMs = 0, mastersOfCluster = 0 } = {}, kind: 'server' | 'cluster' = 'server') =>
  judgeServer({ info, aheadMs, mastersOfCluster }, kind)

it('a master that keeps what it is given is fine', () => {
  expect(judge(sound)).toEqual({ kind: 'ok', detail: 'Redis 7.0.15' })
  expect(judge({ ...sound, redis_version: '10.1.0' })).toMatchObject({ kind: 'ok' })
})

it.each<[string, RedisInfo, RegExp]>([
  ['an old version', { redis_version: '6.2.14' }, /the server is Redis 6.2.14/],
  ['a Sentinel', { redis_mode: 'sentinel' }, /this is a Sentinel/],
  ['an eviction policy', { maxmemory_policy: 'volatile-lru' }, /volatile-lru/],
  ['no replica where one is required', { min_slaves_good_slaves: '0' }, /rejects every write/],
])('%s is a failure', (_, wrong, words) => {
  expect(judge({ ...sound, ...wrong })).toMatchObject({ kind: 'failed', problem: expect.stringMatching(words) })
})

it('a clock that differs by more than two seconds is a failure, in either direction', () => {
  expect(judge(sound, { aheadMs: 2_001 })).toMatchObject({ kind: 'failed', problem: expect.stringContaining('ahead') })
  expect(judge(sound, { aheadMs: -2_001 })).toMatchObject({ problem: expect.stringContaining('behind') })
  expect(judge(sound, { aheadMs: 2_000 })).toMatchObject({ kind: 'ok' })
})

it('one of several masters of a Redis Cluster is no server of its own, and a Cluster of one node is', () => {
  expect(judge(sound, { mastersOfCluster: 3 })).toMatchObject({ problem: expect.stringContaining('one of 3 masters') })
  expect(judge(sound, { mastersOfCluster: 1 })).toMatchObject({ kind: 'ok' })
  expect(judge(sound, { mastersOfCluster: 3 }, 'cluster')).toMatchObject({ kind: 'ok' })
})

it('a primary with replicas that would go on alone is a warning, but not in a Cluster and not without replicas', () => {
  const { min_slaves_good_slaves: _, ...alone } = sound
  expect(judge(alone)).toMatchObject({ kind: 'warning', advice: expect.stringContaining('min-replicas-to-write') })
  expect(judge(alone, {}, 'cluster')).toMatchObject({ kind: 'ok' })
  expect(judge({ ...alone, connected_slaves: '0' })).toMatchObject({ kind: 'ok' })
})

it('the reply of INFO is read by its names', () => {
  expect(readInfo('# Server\r\nredis_version:7.0.15\r\nconfig_file:/a:b\r\n')).toEqual({
    redis_version: '7.0.15',
    config_file: '/a:b',
  })
})

it('of several masters the worst findings are reported, each with the servers that it is about', () => {
  const lost = { kind: 'failed', problem: 'connection refused', advice: 'Start it.' } as const
  const risky = { kind: 'warning', problem: 'no file', advice: 'Set appendonly.' } as const
  const fine = { kind: 'ok', detail: 'Redis 7.0.15' } as const
  const at = (server: string, finding: typeof lost | typeof risky | typeof fine) => ({ server, finding })
  expect(mergeFindings([at('a:1', lost), at('b:2', risky), at('c:3', lost)])).toEqual({
    kind: 'failed',
    problem: 'a:1, c:3: connection refused',
    advice: 'Start it.',
  })
  expect(mergeFindings([at('', risky)])).toEqual(risky)
  expect(mergeFindings([at('a:1', fine), at('b:2', fine)])).toEqual({ kind: 'ok', detail: '2 masters, Redis 7.0.15' })
  expect(mergeFindings([at('', fine)])).toEqual({ kind: 'ok', detail: 'primary, Redis 7.0.15' })
})
