import { type Argument, COMMON_OPTIONS, type Command, type Option } from './command.ts'
import { EXIT_TEXTS } from './exit-codes.ts'
import { optionsOf } from './parse-line.ts'

const SETTINGS = `The apps and the token come from the options, else from the environment (WAITING_ROOM_URL, ORDER_CORE_URL, PAYMENT_WORKER_URL,
NOTIFIER_URL, FLOODGATE_TOKEN or ADMIN_TOKEN), else from ~/.config/floodgate/config.json (FLOODGATE_CONFIG, --config), else
from the system that npm start runs here (FLOODGATE_DATA). The file: { "urls": { "waiting-room": "https://…" }, "token": "…" }, or
"tokenFile" with the path of a file. The token of a file is not replaced by one of the environment, only by --token; ADMIN_TOKEN
counts only beside URLs of the options or the environment.`

/** Returns the help of a command, of all commands that begin with a word, or of everything. Pure. */
export function helpText(topic: string, commands: readonly Command[]): string {
  const command = commands.find(({ name }) => name === topic)
  if (command !== undefined) return commandHelp(command)
  const group = commands.filter(({ name }) => name.startsWith(`${topic} `))
  if (topic !== '' && group.length > 0) return `${listOf(group)}\n`
  return [
    'floodgate operates the waiting room and the order core.',
    listOf(commands),
    'floodgate help COMMAND shows one; floodgate completions bash|zsh|fish prints completions for a shell.',
    `Options of every command\n${optionLines(COMMON_OPTIONS)}`,
    SETTINGS,
    `Exit codes\n${exitLines()}`,
    '',
  ].join('\n\n')
}

/** Returns how a command is called, such as `floodgate sales show SALE`. */
export function usageOf({ name, arguments: words = [] }: Command): string {
  return ['floodgate', name, ...words.map(argumentText)].join(' ')
}

function argumentText({ name, optional, many }: Argument): string {
  const word = `${name.toUpperCase()}${many === true ? '…' : ''}`
  return optional === true ? `[${word}]` : word
}

/** Returns an option as it is typed, such as `-y, --yes` or `--sale SALE`. */
export function optionText(name: string, { short, type, value }: Option): string {
  const long = `--${name}${type === 'boolean' ? '' : ` ${value ?? 'VALUE'}`}`
  return short === undefined ? long : `-${short}, ${long}`
}

function commandHelp(command: Command): string {
  const { summary, description, arguments: words = [], examples, role, found } = command
  return [
    `${usageOf(command)}\n${summary}.`,
    ...(description === undefined ? [] : [description]),
    ...(words.length === 0 ? [] : [aligned(words.map((each) => [argumentText(each), each.description]))]),
    `Options\n${optionLines(optionsOf(command))}`,
    `Examples\n${examples.map((example) => `  ${example}`).join('\n')}`,
    `Needs the role ${role}.${found === undefined ? '' : ` Exit code 1: ${found}.`}`,
    '',
  ].join('\n\n')
}

function listOf(commands: readonly Command[]): string {
  return aligned(commands.map((command) => [usageOf(command).replace('floodgate ', ''), command.summary]))
}

function optionLines(options: Readonly<Record<string, Option>>): string {
  return aligned(Object.entries(options).map(([name, option]) => [optionText(name, option), option.description]))
}

function exitLines(): string {
  return aligned(Object.entries(EXIT_TEXTS))
}

function aligned(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([first]) => first.length))
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`).join('\n')
}
