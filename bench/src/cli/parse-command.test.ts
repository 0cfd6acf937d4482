import { describe, expect, it } from 'vitest'
import { defineBench } from '../bench.ts'
import { parseCommand } from './parse-command.ts'

const named = (name: string, group: 'compare' | 'operate' | 'load') =>
  defineBench({
    name,
    about: name,
    group,
    needs: [],
    options: {
      rounds: { about: 'how many', default: 5, small: 1 },
      target: { about: 'where', default: 'here' },
    },
    run: () => Promise.reject(new Error('not run here')),
  })
const benches = [
  named('line', 'compare'),
  named('relay', 'compare'),
  named('rehearse', 'operate'),
  named('burst', 'load'),
]

const chosen = (...args: string[]) => {
  const command = parseCommand(benches, args)
  if (command.kind !== 'run') throw new Error(`Not a command that runs benches: ${command.kind}`)
  return command
}

describe('the command line', () => {
  it('selects one bench, a group, or everything that needs no target', () => {
    expect(chosen('relay').benches.map(({ name }) => name)).toEqual(['relay'])
    expect(chosen('compare').benches.map(({ name }) => name)).toEqual(['line', 'relay'])
    expect(chosen('all').benches.map(({ name }) => name)).toEqual(['line', 'relay', 'burst'])
  })

  it('selects the page over all results, whatever their directory', () => {
    expect(parseCommand(benches, ['table'])).toEqual({ kind: 'table', results: undefined })
    expect(parseCommand(benches, ['table', '--results', 'there'])).toEqual({ kind: 'table', results: 'there' })
    expect(parseCommand(benches, ['table', '--rounds', '3']).kind).toBe('wrong')
  })

  it('uses the small values with --small, and given values in any case', () => {
    const [line] = benches
    if (line === undefined) throw new Error('No bench is defined.')
    expect(chosen('line').valuesOf(line)).toEqual({ rounds: 5, target: 'here' })
    expect(chosen('line', '--small').valuesOf(line)).toEqual({ rounds: 1, target: 'here' })
    expect(chosen('--rounds', '7', 'line', '--small').valuesOf(line)).toEqual({ rounds: 7, target: 'here' })
  })

  it.each([
    ['a bench nobody knows', ['nothing']],
    ['an option nobody knows', ['line', '--colour', 'red']],
    ['words for a number', ['line', '--rounds', 'many']],
    ['nothing at all of something', ['line', '--rounds', '0']],
  ])('rejects %s', (_, args) => {
    expect(parseCommand(benches, args).kind).toBe('wrong')
  })

  it('shows help when called without a name, and for one bench', () => {
    expect(parseCommand(benches, [])).toEqual({ kind: 'help' })
    expect(parseCommand(benches, ['relay', '--help'])).toMatchObject({ kind: 'help', bench: { name: 'relay' } })
  })
})
