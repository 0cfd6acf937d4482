import { parseArgs } from 'node:util'
import { COMMON_OPTIONS, type Command, type Option, type Options, YES_OPTION } from './command.ts'
import { createInput, type Input } from './input.ts'
import { nearest } from './nearest.ts'
import { UsageError } from './usage-error.ts'

export type Line =
  | { readonly kind: 'help'; readonly topic: string }
  | { readonly kind: 'completions'; readonly shell: string }
  | { readonly kind: 'command'; readonly command: Command; readonly input: Input }

/** Returns all options of a command. */
export function optionsOf(command: Command): Options {
  return { ...command.options, ...(command.asks === true && YES_OPTION), ...COMMON_OPTIONS }
}

/** Parses a command line against the table. Throws {@link UsageError} with the first fault. Pure. */
export function parseLine(argv: readonly string[], commands: readonly Command[]): Line {
  const words = leadingWords(argv)
  const isHelp = argv.some((word) => word === '--help' || word === '-h')
  if (words[0] === 'help' || argv.length === 0) return { kind: 'help', topic: words.slice(1).join(' ') }
  if (words[0] === 'completions' && !isHelp) return { kind: 'completions', shell: words[1] ?? '' }
  const command = commands.find(({ name }) => startsWith(words, name.split(' ')))
  if (command !== undefined) return isHelp ? { kind: 'help', topic: command.name } : parseCommand(command, argv)
  const groups = commands.filter(({ name }) => name.startsWith(`${words[0]} `))
  if (isHelp) return { kind: 'help', topic: groups.length > 0 ? (words[0] ?? '') : '' }
  throw unknownCommand(words, groups.length > 0 ? groups : commands)
}

/** Returns the words before the first option: a command is named first. */
function leadingWords(argv: readonly string[]): readonly string[] {
  const end = argv.findIndex((word) => word.startsWith('-'))
  return end === -1 ? argv : argv.slice(0, end)
}

function startsWith(words: readonly string[], name: readonly string[]): boolean {
  return name.every((word, index) => words[index] === word)
}

function unknownCommand(words: readonly string[], commands: readonly Command[]): UsageError {
  if (words.length === 0) return new UsageError('Name a command before the options; floodgate help lists them.')
  const named = words.slice(0, 2).join(' ')
  const names = commands.map(({ name }) => name)
  if (words.length === 1 && names.every((name) => name.startsWith(`${named} `)))
    return new UsageError(`floodgate ${named} needs one of: ${names.map((name) => name.split(' ')[1]).join(', ')}.`)
  const close = nearest(named, names) ?? nearest(words[0] ?? '', names)
  const hint = close === undefined ? 'floodgate help lists them.' : `Did you mean "${close}"?`
  return new UsageError(`No command is called "${named}". ${hint}`)
}

function parseCommand(command: Command, argv: readonly string[]): Line {
  const options = optionsOf(command)
  const { values, positionals } = parseStrictly(argv, options)
  const typed = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typedValue(name, value, options[name])]),
  )
  const words = positionals.slice(command.name.split(' ').length)
  return { kind: 'command', command, input: createInput(assign(command, words), typed) }
}

function parseStrictly(argv: readonly string[], options: Options) {
  const declared = Object.fromEntries(
    Object.entries(options).map(([name, { type, short }]) => [
      name,
      { type: type === 'boolean' ? ('boolean' as const) : ('string' as const), ...(short !== undefined && { short }) },
    ]),
  )
  try {
    return parseArgs({ args: [...argv], options: declared, allowPositionals: true, strict: true })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const unknown = /Unknown option '--?([\w-]+)'/.exec(message)?.[1]
    const close = unknown === undefined ? undefined : nearest(unknown, Object.keys(options))
    throw new UsageError(close === undefined ? message : `There is no option --${unknown}. Did you mean --${close}?`)
  }
}

function typedValue(name: string, value: unknown, option: Option | undefined): string | boolean | number {
  if (typeof value === 'boolean') return value
  const text = String(value)
  if (option?.choices !== undefined && !option.choices.includes(text))
    throw new UsageError(`--${name} is one of ${option.choices.join(', ')}, not "${text}".`)
  if (option?.type !== 'number') return nonEmpty(`--${name}`, text)
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = option
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (!(number >= min && number <= max))
    throw new UsageError(`--${name} is a number from ${min} to ${max}, not "${text}".`)
  return number
}

/** Rejects an empty value, as of a variable that is not set: the command would do something else without it. */
function nonEmpty(name: string, text: string): string {
  if (text.trim() === '') throw new UsageError(`${name} is empty. Is a variable of your command line not set?`)
  return text
}

function assign(command: Command, words: readonly string[]): Record<string, readonly string[]> {
  const assigned: Record<string, readonly string[]> = {}
  let rest = words
  for (const { name, optional, many } of command.arguments ?? []) {
    const own = many === true ? rest : rest.slice(0, 1)
    rest = rest.slice(own.length)
    if (own.length === 0 && optional !== true)
      throw new UsageError(`floodgate ${command.name} needs ${name.toUpperCase()}; see floodgate help ${command.name}.`)
    for (const word of own) {
      nonEmpty(name.toUpperCase(), word)
      // A URL parser would resolve it to another path.
      if (/^\.{1,2}$/.test(word)) throw new UsageError(`"${word}" is no ${name.toUpperCase()}.`)
    }
    assigned[name] = own
  }
  if (rest.length > 0) throw new UsageError(`floodgate ${command.name} does not take "${rest.join(' ')}".`)
  return assigned
}
