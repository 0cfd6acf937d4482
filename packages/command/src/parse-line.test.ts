import { describe, expect, it } from 'vitest'
import { parseLine } from './parse-line.ts'
import { COMMANDS } from './table.ts'

const parse = (line: string) =>
  parseLine(
    line.split(' ').filter((word) => word !== ''),
    COMMANDS,
  )

function parsed(line: string) {
  const result = parse(line)
  if (result.kind !== 'command') throw new Error(`${line} is ${result.kind}`)
  return result
}

it('a command line names a command of the table, its arguments and options, in any order after the name', () => {
  const { command, input } = parsed('dead-letters replay order-core.saga --json 12 1-2')
  expect([command.name, input.argument('group'), input.words('ids')]).toEqual([
    'dead-letters replay',
    'order-core.saga',
    ['12', '1-2'],
  ])
  expect([input.flag('json'), input.flag('all')]).toEqual([true, false])
  expect(parsed('audit --last=7').input.number('last')).toBe(7)
})

it.each([
  ['', ''],
  ['help', ''],
  ['--help', ''],
  ['help sales close', 'sales close'],
  ['sales close demo --help', 'sales close'],
  ['sales -h', 'sales'],
  ['sales close --unknown -h', 'sales close'],
])('"%s" asks for help', (line, topic) => {
  expect(parse(line)).toEqual({ kind: 'help', topic })
})

it.each([
  ['the only argument', ['orders', 'show', '']],
  ['an optional argument', ['mails', 'retry', ' ']],
  ['one of many', ['dead-letters', 'drop', 'order-core.saga', '1', '']],
  ['an option', ['erase', '--buyer', 'ann', '--sale', '']],
])('%s that is empty, as of an unset variable, is rejected: without it the command would do more', (_, argv) => {
  expect(() => parseLine(argv, COMMANDS)).toThrow(/ is empty/)
})

describe('an invalid command line is rejected with one sentence', () => {
  it.each([
    ['slaes list', 'Did you mean "sales list"?'],
    ['sales lst', 'Did you mean "sales list"?'],
    ['docter', 'Did you mean "doctor"?'],
    ['frobnicate everything', 'floodgate help lists them.'],
    ['--json sales list', 'Name a command before the options'],
    ['sales show', 'needs SALE'],
    ['sales show one two', 'does not take "two"'],
    ['sales', 'needs one of: list, show, create, change, open, pause, resume, close, reopen'],
    ['sales show ..', '".." is no SALE'],
    ['audit --sale=', '--sale is empty'],
    ['audit --lst 3', 'Did you mean --last?'],
    ['audit --last', 'argument missing'],
    ['audit --last many', '--last is a number from 1 to 1000, not "many"'],
    ['audit --last 0', '--last is a number from 1'],
    ['audit --last=', '--last is a number from 1'],
    ['tokens create Ada --role root', '--role is one of viewer, operator, admin, not "root"'],
    ['money check --yes', "Unknown option '--yes'"],
  ])('%s', (line, message) => {
    expect(() => parse(line)).toThrow(message)
  })
})
