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

it('fish offers the commands of a group until one of them is typed, the values of an option, and no files', () => {
  const script = completionScript('fish', COMMANDS).split('\n')
  expect(script).toContain('complete -c floodgate -f')
  expect(script.filter((line) => line.includes('-a list ')).map((line) => line.split(' -a ')[0])).toContain(
    "complete -c floodgate -n '__fish_seen_subcommand_from tokens; and not __fish_seen_subcommand_from list create revoke'",
  )
  expect(script.find((line) => line.includes('-l role'))).toContain("-x -a 'viewer operator admin'")
  expect(script.filter((line) => line.startsWith('complete -c floodgate -n __'))).toEqual([])
})

it('zsh starts its completions where nothing else has', () => {
  expect(completionScript('zsh', COMMANDS)).toMatch(
    /^\(\( \$\+functions\[compdef\] \)\) \|\| \{ autoload -Uz compinit && compinit \}\n/,
  )
})
