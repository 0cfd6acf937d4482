import type { Command } from './command.ts'
import { EXIT_TEXTS } from './exit-codes.ts'
import { helpText, optionText, usageOf } from './help.ts'

/** Returns the generated part of `docs/operator-command.md`. Pure. */
export function commandDocument(commands: readonly Command[]): string {
  return [
    '## Commands',
    table(
      ['command', 'what it does', 'role'],
      commands.map((command) => [`\`${usageOf(command)}\``, command.summary, command.role]),
    ),
    ...commands.filter(hasMore).map(section),
    '## Exit codes',
    table(['code', 'meaning'], Object.entries(EXIT_TEXTS)),
    '## Options and settings of every command',
    `\`\`\`\n${helpText('', [])
      .split('\n\n')
      .filter((part) => /^(Options|The apps)/.test(part))
      .join('\n\n')}\n\`\`\`\n`,
  ].join('\n\n')
}

function hasMore({ options, description, found, asks }: Command): boolean {
  return options !== undefined || description !== undefined || found !== undefined || asks === true
}

function section(command: Command): string {
  const { name, description, options = {}, examples, found, asks } = command
  const sentences = [
    description,
    asks === true ? 'Asks first; without a terminal it needs `--yes`.' : undefined,
    found === undefined ? undefined : `Exit code 1: ${found}.`,
  ].filter((sentence) => sentence !== undefined)
  return [
    `### ${name}`,
    ...(sentences.length === 0 ? [] : [sentences.join(' ')]),
    ...(Object.keys(options).length === 0
      ? []
      : [
          table(
            ['option', 'meaning'],
            Object.entries(options).map(([option, how]) => [`\`${optionText(option, how)}\``, how.description]),
          ),
        ]),
    `\`\`\`sh\n${examples.join('\n')}\n\`\`\``,
  ].join('\n\n')
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(columns), `|${columns.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}
