import type { Command } from './command.ts'
import { optionsOf } from './parse-line.ts'
import { UsageError } from './usage-error.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const

/** Returns the completions of a shell: commands, then their options. Throws {@link UsageError} for another shell. Pure. */
export function completionScript(shell: string, commands: readonly Command[]): string {
  if (shell === 'bash') return bashScript(commands)
  // zsh reads those of bash.
  if (shell === 'zsh') return `autoload -U +X bashcompinit && bashcompinit\n${bashScript(commands)}`
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
  const lines = commands.flatMap((command) => {
    const [first = '', second] = command.name.split(' ')
    const summary = command.summary.replaceAll("'", '’')
    const word =
      second === undefined
        ? `complete -c floodgate -n __fish_use_subcommand -f -a ${first} -d '${summary}'`
        : `complete -c floodgate -n '__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ${second}' -f -a ${second} -d '${summary}'`
    const seen = [first, ...(second === undefined ? [] : [second])].map((each) => `__fish_seen_subcommand_from ${each}`)
    const options = Object.entries(optionsOf(command)).map(
      ([name, { description, short }]) =>
        `complete -c floodgate -n '${seen.join('; and ')}' -l ${name}${short === undefined ? '' : ` -s ${short}`} -d '${description.replaceAll("'", '’')}'`,
    )
    return [word, ...options]
  })
  const groups = new Set(commands.filter(({ name }) => name.includes(' ')).map(({ name }) => name.split(' ')[0]))
  const first = [...groups, 'help', 'completions'].map(
    (each) => `complete -c floodgate -n __fish_use_subcommand -f -a ${each}`,
  )
  return `${[...first, ...lines].join('\n')}\n`
}
