import { expect, test } from 'vitest'
import { parseOptions } from './options.ts'

test('without flags everything has its default', () => {
  expect(parseOptions([])).toEqual({
    kind: 'options',
    options: {
      bus: 'redis',
      portBase: 7_000,
      host: '127.0.0.1',
      crowd: 0,
      replicas: {},
      workers: 1,
      without: [],
      reset: false,
      migrate: false,
      watch: false,
      verbose: false,
    },
  })
})

test('every flag has its effect', () => {
  const argv = [
    '--bus',
    'kafka',
    '--port-base',
    '17000',
    '--host',
    '--crowd',
    '50',
    '--reset',
    '--migrate',
    '--verbose',
  ]
  const more = ['--replicas', 'waiting-room=2,order-core=3', '--without', 'notifier', '--watch', '--workers', '4']
  expect(parseOptions([...argv, ...more])).toMatchObject({
    options: {
      bus: 'kafka',
      portBase: 17_000,
      host: '0.0.0.0',
      crowd: 50,
      replicas: { 'waiting-room': 2, 'order-core': 3 },
      workers: 4,
      without: ['notifier'],
      reset: true,
      migrate: true,
      watch: true,
      verbose: true,
    },
  })
})

test('all problems are named at once', () => {
  const parsed = parseOptions([
    '--bus',
    'nats',
    '--crowd',
    'many',
    '--replicas',
    'shop=2,order-core=0',
    '--without',
    'mail',
    '--workers',
    '65',
  ])
  expect(parsed.kind === 'invalid' && parsed.problems).toHaveLength(6)
})

test('an unknown flag is rejected', () => {
  expect(parseOptions(['--fast']).kind).toBe('invalid')
})

test('help takes precedence over any error', () => {
  expect(parseOptions(['--help', '--bus', 'nats'])).toEqual({ kind: 'help' })
})
