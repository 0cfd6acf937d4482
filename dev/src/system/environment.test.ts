import { expect, test } from 'vitest'
import { appEnvironment, type EnvironmentContext } from './environment.ts'
import { portsFrom } from './ports.ts'

const context: EnvironmentContext = {
  dataDir: '/data',
  host: '0.0.0.0',
  publicHost: '192.0.2.7',
  ports: portsFrom(7_000, { 'waiting-room': 2, 'order-core': 1, 'payment-worker': 1, notifier: 1 }),
  bus: 'redis',
  databaseUrl: 'postgresql://somewhere/floodgate',
  redisUrl: 'redis://somewhere',
  kafkaBrokers: undefined,
  smtpUrl: 'smtp://127.0.0.1:7525',
  mailUrl: 'http://127.0.0.1:7526',
  secrets: {
    adminToken: 'a'.repeat(43),
    emailKey: 'b'.repeat(43),
    paymentKey: 'd'.repeat(43),
    postgresPassword: 'c'.repeat(43),
  },
  allowedOrigins: 'https://shop.example',
}

test('each replica has a port of its own', () => {
  expect(appEnvironment(context, 'waiting-room', 0).PORT).toBe('7100')
  expect(appEnvironment(context, 'waiting-room', 1).PORT).toBe('7110')
  expect(appEnvironment(context, 'waiting-room', 1).OPS_PORT).toBe('8110')
  expect(() => appEnvironment(context, 'order-core', 1)).toThrow()
})

test('pages may come from every replica, by every name of the machine, and from allowed origins', () => {
  const origins = appEnvironment(context, 'order-core', 0).ALLOWED_ORIGINS?.split(',')
  expect(origins).toContain('http://192.0.2.7:7110')
  expect(origins).toContain('http://localhost:7100')
  expect(origins).toContain('https://shop.example')
})

test('only the apps that seal or open e-mail addresses have the key', () => {
  const apps = ['waiting-room', 'order-core', 'payment-worker', 'notifier'] as const
  const appsWith = (name: string) => apps.filter((app) => name in appEnvironment(context, app, 0))
  expect(appsWith('EMAIL_KEY')).toEqual(['order-core', 'notifier'])
  expect(appsWith('PAYMENT_KEY')).toEqual(['order-core', 'payment-worker'])
})

test('only the waiting room has the key file', () => {
  expect(appEnvironment(context, 'waiting-room', 0).FLOODGATE_KEYS).toBe('/data/keys.json')
  expect(appEnvironment(context, 'order-core', 0).FLOODGATE_KEYS).toBeUndefined()
})
