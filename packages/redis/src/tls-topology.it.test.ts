import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { type Finding, runChecks } from '@floodgate/runtime'
import {
  type ClusterRedis,
  createAuthority,
  eventually,
  ownRedisMasters,
  ownSentinelRedis,
  type SentinelRedis,
  type TemporaryDirectory,
  temporaryDirectory,
} from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { closeRedis, openRedis, type RedisClient, redisCheck, waitUntilReady } from './index.ts'

const within = (ms: number) => AbortSignal.timeout(ms)
const PASSWORD = 'a+b/c:d@e'

let directory: TemporaryDirectory
let group: SentinelRedis
let cluster: ClusterRedis
let foreign: string
const open: RedisClient[] = []

beforeAll(async () => {
  directory = await temporaryDirectory()
  const authority = await createAuthority(directory.path)
  foreign = (await createAuthority(directory.path, 'foreign')).certificateFile
  const { certificateFile: cert, keyFile: key } = await authority.issue('redis')
  const tls = { ca: authority.certificateFile, cert, key }
  ;[group, cluster] = await Promise.all([
    ownSentinelRedis({ password: PASSWORD, sentinelPassword: 'f+g%h', tls: { ...tls, asksClients: true } }),
    ownRedisMasters({ password: PASSWORD, tls }),
  ])
})
afterEach(async () => {
  await Promise.all(open.splice(0).map(closeRedis))
})
afterAll(async () => {
  await Promise.all([group?.remove(), cluster?.remove()])
  await directory.remove()
})

async function connect(url: string): Promise<RedisClient> {
  const redis = openRedis({ url, name: 'test', role: 'commands', commandTimeoutMs: 300, log: silentLogger })
  open.push(redis)
  await waitUntilReady(redis, within(60_000))
  return redis
}

async function findingOf(url: string): Promise<Finding | undefined> {
  const [result] = await runChecks([redisCheck(url)])
  return result?.finding
}
const failedWith = (words: string) => ({ kind: 'failed', problem: expect.stringContaining(words) })

describe('rediss+sentinel', () => {
  it('connects over TLS to the Sentinels and to the master, and follows a failover', async () => {
    const redis = await connect(group.url)
    await redis.zadd('line', 1, 'ann')
    await group.replicated()
    const old = await group.primary()
    await old.kill()
    await group.promoted(old)
    await eventually(async () => expect(await redis.zadd('line', 2, 'ben')).toBe(1))
    await old.restart()
    await group.replicated()
  })

  it('is checked: that an old primary rejects writes, and in one line what is wrong', async () => {
    expect(await findingOf(group.url)).toMatchObject({
      kind: 'warning',
      advice: expect.stringContaining('min-replicas-to-write'),
    })
    const without = (parameter: string) => group.url.replace(new RegExp(`${parameter}=[^&]*&?`), '')
    const named = group.url.replace('/floodgate?', '/shop?')
    const foreignUrl = group.url.replace(/ca=[^&]*/, `ca=${foreign}`)
    const plain = without('ca')
      .replace(/(cert|key)=[^&]*&?/g, '')
      .replace('rediss', 'redis')
    const [noPassword, wrongPassword, otherName, otherAuthority, noTls] = await Promise.all([
      findingOf(without('sentinelPassword')),
      findingOf(group.url.replace(/sentinelPassword=[^&]*/, 'sentinelPassword=wrong')),
      findingOf(named),
      findingOf(foreignUrl),
      findingOf(plain),
    ])
    expect(noPassword).toMatchObject(failedWith('the Sentinel requires a password'))
    expect(wrongPassword).toMatchObject(failedWith('the Sentinel rejected the user or password'))
    expect(otherName).toMatchObject(failedWith('watch no master "shop"'))
    expect(otherAuthority).toMatchObject(failedWith('unknown authority'))
    expect(noTls).toMatchObject(failedWith('closed the connection'))
  })

  it('is no address of a server, and a server, a replica or a Sentinel is none of another kind', async () => {
    const primary = await group.primary()
    const replica = group.servers.find(({ port }) => port !== primary.port)
    const at = (scheme: string, port: number | undefined, password: string, path = '') =>
      `${scheme}://:${encodeURIComponent(password)}@127.0.0.1:${port}${path}?${tlsPart()}`
    const [sentinel] = group.sentinels
    const [toReplica, toSentinel, toServer, toCluster] = await Promise.all([
      findingOf(at('rediss', replica?.port, PASSWORD)),
      findingOf(at('rediss', sentinel?.port, 'f+g%h')),
      findingOf(
        `${at('rediss+sentinel', primary.port, '', '/floodgate')}&sentinelPassword=${encodeURIComponent(PASSWORD)}`,
      ),
      findingOf(at('rediss+cluster', primary.port, PASSWORD)),
    ])
    expect(toReplica).toMatchObject(failedWith('the server is a replica'))
    expect(toSentinel).toMatchObject(failedWith('this is a Sentinel'))
    expect(toServer).toMatchObject(failedWith('no Sentinel'))
    expect(toCluster).toMatchObject(failedWith('no node of a Redis Cluster'))
  })
})

/** The parameters of TLS of the Sentinels' URL. */
const tlsPart = (): string => /ca=.*/.exec(group.url)?.[0] ?? ''

describe('rediss+cluster', () => {
  it('is checked at each master', async () => {
    expect(await findingOf(cluster.url)).toMatchObject({
      kind: 'ok',
      detail: expect.stringMatching(/^3 masters, Redis /),
    })
    const [, second] = cluster.servers
    if (second === undefined) throw new Error('no server')
    await cluster.client(second).config('SET', 'maxmemory-policy', 'allkeys-lru')
    const finding = await findingOf(cluster.url)
    await cluster.client(second).config('SET', 'maxmemory-policy', 'noeviction')
    expect(finding).toMatchObject(failedWith(`127.0.0.1:${second.port}: its maxmemory-policy is allkeys-lru`))
  })

  it('is needed for its masters: one of them rejects the keys of the others', async () => {
    const oneNode = cluster.url.replace('+cluster', '').replace(/,[^?]*/, '')
    expect(await findingOf(oneNode)).toMatchObject(failedWith('one of 3 masters of a Redis Cluster'))
  })

  it('reaches a new master over TLS although the files are gone, as in the middle of their replacement', async () => {
    const redis = await connect(cluster.url)
    const key = '{sale}:line'
    await redis.zadd(key, 1, 'ann')
    const authority = join(directory.path, 'authority.pem')
    await rename(authority, `${authority}.old`)
    const old = await cluster.masterOf(key)
    await old.kill()
    await cluster.promoted(key, old)
    await eventually(async () => expect(await redis.zadd(key, 2, 'ben')).toBe(1))
  })
})
