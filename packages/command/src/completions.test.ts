import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { completionScript } from './completions.ts'
import { COMMANDS } from './table.ts'

const CASES: readonly (readonly [line: string, offered: string])[] = [
  ['sal', 'sales'],
  ['sales p', 'pause'],
  ['dead-letters ""', 'list show replay drop'],
  ['dead-letters drop order-core.saga --y', '--yes'],
  ['doctor --js', '--json'],
  ['completions f', 'fish'],
  ['nothing x', ''],
]

it('bash completes groups, their commands, and options', () => {
  const asks = CASES.map(
    ([line]) =>
      `set -- ${line}; COMP_WORDS=(floodgate "$@"); COMP_CWORD=$#; COMPREPLY=(); _floodgate; echo "\${COMPREPLY[*]}"`,
  )
  const script = [completionScript('bash', COMMANDS), ...asks].join('\n')
  const offered = execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\n')
  expect(offered.slice(0, CASES.length)).toEqual(CASES.map(([, words]) => words))
})
