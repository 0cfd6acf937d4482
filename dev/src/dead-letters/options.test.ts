import { expect, it } from 'vitest'
import { parseCommand } from './options.ts'

const parse = (line: string) => parseCommand(line.split(' ').filter((word) => word !== ''))

it.each([
  ['list', { kind: 'list', order: 'newest' }],
  ['list --group order-core.saga --oldest', { kind: 'list', group: 'order-core.saga', order: 'oldest' }],
  ['read -g order-core.saga 12', { kind: 'read', group: 'order-core.saga', id: '12' }],
  ['replay -g order-core.saga 12 1-2 12', { kind: 'replay', group: 'order-core.saga', ids: ['12', '1-2'] }],
  ['drop --all --group notifier.mails', { kind: 'drop', group: 'notifier.mails', ids: 'all' }],
  ['drop --help', { kind: 'help' }],
])('%s', (line, command) => {
  expect(parse(line)).toEqual(command)
})

it.each([
  ['', 'Name a command'],
  ['revive', 'No command is called "revive"'],
  ['replay --all', 'needs --group'],
  ['replay -g order-core.saga', 'takes ids, or --all'],
  ['drop -g order-core.saga --all 12', 'takes ids, or --all'],
  ['drop -g order-core.saga --oldest 12', '--oldest is for list'],
  ['read -g order-core.saga', 'takes one id'],
  ['read -g order-core.saga 1 2', 'takes one id'],
  ['replay -g saga 12', 'not "saga"'],
  ['replay -g order-core.saga ../12', '"../12" is not the id'],
  ['list --all', 'list takes'],
  ['list --force', "Unknown option '--force'"],
])('%s is rejected', (line, problem) => {
  expect(parse(line)).toMatchObject({ kind: 'invalid', problem: expect.stringContaining(problem) })
})
