import { parseArgs } from 'node:util'
import type { Bench, BenchOption, OptionValue, Values } from '../bench.ts'

export type Command =
  | { readonly kind: 'help'; readonly bench?: Bench }
  | { readonly kind: 'wrong'; readonly problem: string }
  | { readonly kind: 'table'; readonly results: string | undefined }
  | {
      readonly kind: 'run'
      readonly benches: readonly Bench[]
      readonly small: boolean
      /** The directory of the results; undefined: they are not written. */
      readonly results: string | undefined
      valuesOf(bench: Bench): Values
    }

/**
 * Parses the command line: `compare` stands for its whole group, `all` for everything that needs no target, `table` for
 * the page over all results. Pure. Options are those of the named benches, plus `--small`, `--results DIR` and
 * `--help`.
 */
export function parseCommand(benches: readonly Bench[], args: readonly string[]): Command {
  const names = args.filter((arg, index) => !arg.startsWith('-') && !takesValue(args[index - 1]))
  if (names.length === 1 && names[0] === 'table') return parseTable(args)
  const chosen = names.flatMap((name) => choose(benches, name) ?? [])
  const unknown = names.find((name) => choose(benches, name) === undefined)
  if (unknown !== undefined) return { kind: 'wrong', problem: `No bench is called "${unknown}".` }
  if (args.includes('--help') || args.includes('-h')) {
    const [only] = chosen
    return { kind: 'help', ...(chosen.length === 1 && only !== undefined ? { bench: only } : {}) }
  }
  if (chosen.length === 0) return { kind: 'help' }
  const options = Object.fromEntries(chosen.flatMap((bench) => Object.entries(bench.options)))
  try {
    const { values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        small: { type: 'boolean' },
        results: { type: 'string' },
        ...Object.fromEntries(Object.entries(options).map(([name, option]) => [name, { type: typeOf(option) }])),
      },
    })
    const small = values.small === true
    const given = values as Readonly<Record<string, string | boolean | undefined>>
    const valuesOf = (bench: Bench) =>
      Object.fromEntries(
        Object.entries(bench.options).map(([name, option]) => [
          name,
          pickValue(name, option, { given: given[name], small }),
        ]),
      )
    for (const bench of chosen) valuesOf(bench)
    const results = typeof values.results === 'string' ? values.results : undefined
    return { kind: 'run', benches: chosen, small, results, valuesOf }
  } catch (error) {
    return { kind: 'wrong', problem: error instanceof Error ? error.message : String(error) }
  }
}

function parseTable(args: readonly string[]): Command {
  try {
    const options = { results: { type: 'string' as const } }
    const { values } = parseArgs({ args: [...args], allowPositionals: true, options })
    return { kind: 'table', results: values.results }
  } catch (error) {
    return { kind: 'wrong', problem: error instanceof Error ? error.message : String(error) }
  }
}

const choose = (benches: readonly Bench[], name: string): readonly Bench[] | undefined => {
  if (name === 'all') return benches.filter(({ group }) => group !== 'operate')
  const group = benches.filter((bench) => bench.group === name)
  if (group.length > 0) return group
  const bench = benches.find((candidate) => candidate.name === name)
  return bench === undefined ? undefined : [bench]
}

/**
 * Tells whether the next argument is the value of this one: true for every option except switches, unless written as
 * `--a=b`.
 */
const takesValue = (argument: string | undefined): boolean =>
  argument?.startsWith('--') === true && !argument.includes('=') && !switches.has(argument)

const switches = new Set(['--small', '--help', '--yes-load-this-host', '--write'])

const typeOf = (option: BenchOption): 'string' | 'boolean' =>
  typeof option.default === 'boolean' ? 'boolean' : 'string'

function pickValue(
  name: string,
  option: BenchOption,
  { given, small }: { readonly given: string | boolean | undefined; readonly small: boolean },
): OptionValue {
  if (given === undefined) return small ? (option.small ?? option.default) : option.default
  if (typeof option.default !== 'number') return given
  const number = Number(given)
  if (!Number.isFinite(number) || number <= 0) throw new Error(`--${name} takes a number above 0, not "${given}".`)
  return number
}
