import type { Command } from './command.ts'
import { optionsOf } from './parse-line.ts'
import { UsageError } from './usage-error.ts'

/** A shell without a configuration has not started its completions. */
const ZSH_START = `(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
autoload -U +X bashcompinit && bashcompinit`
const SHELLS = ['bash', 'zsh', 'fish'] as const

/** Returns the completions of a shell: commands, then their options. Throws {@link UsageError} for another shell. Pure. */
export function completionScript(shell: string, commands: readonly Command[]): string {
  if (shell === 'bash') return bashScript(commands)
  // zsh reads those of bash.
  if (shell === 'zsh') return `${ZSH_START}\n${bashScript(commands)}`
  if (shell === 'fish') return fishScript(commands)
  throw new UsageError(`There are completions for ${SHELLS.join(', ')}, not for "${shell}".`)
}

interface Branch {
  /** The words typed so far, after `floodgate`. */
  readonly typed: string
  readonly next: readonly string[]
}

/** Returns the words that may follow each beginning of a command. */
function branchesOf(commands: readonly Command[]): readonly Branch[] {
  const next = new Map<string, Set<string>>([['', new Set(['help', 'completions'])]])
  for (const command of commands) {
    const words = command.name.split(' ')
    for (const [index, word] of words.entries()) {
      const typed = words.slice(0, index).join(' ')
      next.set(typed, (next.get(typed) ?? new Set()).add(word))
    }
    const options = Object.keys(optionsOf(command)).map((name) => `--${name}`)
    next.set(command.name, new Set([...(next.get(command.name) ?? []), ...options]))
  }
  next.set('completions', new Set(SHELLS))
  return [...next].map(([typed, words]) => ({ typed, next: [...words] }))
}

function bashScript(commands: readonly Command[]): string {
  const cases = branchesOf(commands).map(({ typed, next }) => `    "${typed}") words="${next.join(' ')}" ;;`)
  return `_floodgate() {
  local current="\${COMP_WORDS[COMP_CWORD]}" typed="" words=""
  for word in "\${COMP_WORDS[@]:1:2}"; do
    case "$word" in -* | "$current") break ;; esac
    typed="\${typed:+$typed }$word"
  done
  case "$typed" in
${cases.join('\n')}
    *) return ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _floodgate floodgate
`
}

function fishScript(commands: readonly Command[]): string {
  const groups = Map.groupBy(commands, ({ name }) => name.split(' ')[0] ?? '')
  const lines = [...groups].flatMap(([first, own]) => {
    const seconds = own.flatMap(({ name }) => name.split(' ').slice(1))
    // A group has no summary of its own.
    const summary = seconds.length === 0 ? (own[0]?.summary ?? '') : ''
    return [
      offer('__fish_use_subcommand', `-a ${first} ${described(summary)}`),
      ...own.flatMap((command) => fishCommand(command, seconds)),
    ]
  })
  return [
    // Arguments are ids, never files.
    'complete -c floodgate -f',
    ...['help', 'completions'].map((word) => offer('__fish_use_subcommand', `-a ${word}`)),
    offer('__fish_seen_subcommand_from completions', `-a '${SHELLS.join(' ')}'`),
    ...lines,
    '',
  ].join('\n')
}

/** Returns the lines of one command: its second word, where it has one, and its options. */
function fishCommand(command: Command, seconds: readonly string[]): readonly string[] {
  const [first = '', second] = command.name.split(' ')
  const inGroup = `__fish_seen_subcommand_from ${first}`
  const chosen = second === undefined ? inGroup : `${inGroup}; and __fish_seen_subcommand_from ${second}`
  const options = Object.entries(optionsOf(command)).map(([name, { type, description, short, choices }]) => {
    const values = choices === undefined ? '' : ` -a '${choices.join(' ')}'`
    const takes = type === 'boolean' ? '' : name === 'config' ? ' -rF' : ` -x${values}`
    return offer(chosen, `-l ${name}${short === undefined ? '' : ` -s ${short}`}${takes} ${described(description)}`)
  })
  if (second === undefined) return options
  const word = offer(
    `${inGroup}; and not __fish_seen_subcommand_from ${seconds.join(' ')}`,
    `-a ${second} ${described(command.summary)}`,
  )
  return [word, ...options]
}

function offer(condition: string, what: string): string {
  return `complete -c floodgate -n '${condition}' ${what}`.trimEnd()
}

function described(text: string): string {
  return text === '' ? '' : `-d '${text.replaceAll("'", '’')}'`
}
