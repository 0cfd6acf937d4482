import { expect, test } from 'vitest'
import { goVersion, isAtLeast } from './go/go.ts'
import { helmVersion } from './helm/index.ts'
import { javaMajor } from './kafka/install.ts'
import { kafkaSettings } from './kafka/settings.ts'
import { k6Version } from './load-generators/k6.ts'
import { redisSettings } from './redis/server.ts'

test('a password and a directory with odd characters stay one word each in redis.conf', () => {
  const settings = redisSettings({ host: '127.0.0.1', port: 7579, dataDir: '/a dir/"x"', password: 'a "b" # c' })
  expect(settings).toContain('\ndir "/a dir/\\"x\\""\n')
  expect(settings).toContain('\nrequirepass "a \\"b\\" # c"\n')
})

test('Redis without a password gets no such line', () => {
  expect(redisSettings({ host: '127.0.0.1', port: 7579, dataDir: '/data' })).not.toContain('requirepass')
})

test('a Redis is a cluster node only with a port for the cluster bus', () => {
  const node = { host: '127.0.0.1', port: 7579, dataDir: '/data' }
  expect(redisSettings({ ...node, clusterPort: 7580 })).toContain('\ncluster-enabled yes\ncluster-port 7580\n')
  expect(redisSettings(node)).not.toContain('cluster')
})

test('Kafka advertises the address it was given and keeps the controller local', () => {
  const settings = kafkaSettings({ host: '10.0.0.5', port: 7592, controllerPort: 7593, logDir: '/data/log' })
  expect(settings).toContain('\nadvertised.listeners=PLAINTEXT://10.0.0.5:7592\n')
  expect(settings).toContain('CONTROLLER://127.0.0.1:7593\n')
})

test('the version of Java is read from its first line', () => {
  expect(javaMajor('openjdk 17.0.15 2025-04-15\nOpenJDK Runtime …')).toBe(17)
  expect(javaMajor('openjdk 25 2025-09-16')).toBe(25)
  expect(javaMajor('')).toBe(0)
})

test.each([
  ['go version go1.26.8 linux/amd64', [1, 26]],
  ['go version go1.19 linux/amd64', [1, 19]],
  ['', [0, 0]],
] as const)('the version of Go is read from its output: %s', (said, version) => {
  expect(goVersion(said)).toEqual(version)
})

test('the version of helm is read from its output, also of one that was built from its source', () => {
  expect(
    helmVersion('version.BuildInfo{Version:"v3.22.0", GitCommit:"c4e74854886b2efe3321e185578e6db9be0a6e29"}'),
  ).toEqual([3, 22])
  expect(helmVersion('version.BuildInfo{Version:"v3.22", GitCommit:"", GoVersion:"go1.26.8"}')).toEqual([3, 22])
  expect(helmVersion('')).toEqual([0, 0])
})

test('a version is compared number by number', () => {
  expect(k6Version('k6 v1.8.1 (go1.25.12, linux/amd64)')).toEqual([1, 8])
  expect(k6Version('k6 v0.57.0 (commit/50afd82c18, go1.23.6, linux/amd64)')).toEqual([0, 57])
  expect(isAtLeast([1, 10], [1, 6])).toBe(true)
  expect(isAtLeast([0, 57], [1, 6])).toBe(false)
  expect(isAtLeast([2, 0], [1, 6])).toBe(true)
})
