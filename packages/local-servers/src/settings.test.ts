import { expect, test } from 'vitest'
import { javaMajor } from './kafka/install.ts'
import { kafkaSettings } from './kafka/settings.ts'
import { redisSettings } from './redis/server.ts'

test('a password and a directory with odd characters stay one word each in redis.conf', () => {
  const settings = redisSettings({ host: '127.0.0.1', port: 7579, dataDir: '/a dir/"x"', password: 'a "b" # c' })
  expect(settings).toContain('\ndir "/a dir/\\"x\\""\n')
  expect(settings).toContain('\nrequirepass "a \\"b\\" # c"\n')
})

test('Redis without a password gets no such line', () => {
  expect(redisSettings({ host: '127.0.0.1', port: 7579, dataDir: '/data' })).not.toContain('requirepass')
})

test('Kafka tells its clients the address it was given and keeps the controller to this machine', () => {
  const settings = kafkaSettings({ host: '10.0.0.5', port: 7592, controllerPort: 7593, logDir: '/data/log' })
  expect(settings).toContain('\nadvertised.listeners=PLAINTEXT://10.0.0.5:7592\n')
  expect(settings).toContain('CONTROLLER://127.0.0.1:7593\n')
})

test('the version of Java is read from its first line', () => {
  expect(javaMajor('openjdk 17.0.15 2025-04-15\nOpenJDK Runtime …')).toBe(17)
  expect(javaMajor('openjdk 25 2025-09-16')).toBe(25)
  expect(javaMajor('')).toBe(0)
})
