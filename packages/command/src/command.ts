import type { Role } from '@floodgate/contracts'
import type { AppClients } from './apps.ts'
import type { Confirm } from './confirm.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import type { Input } from './input.ts'
import type { View } from './view.ts'

export interface Argument {
  readonly name: string
  readonly description: string
  readonly optional?: boolean
  /** Takes all remaining words. */
  readonly many?: boolean
}

export interface Option {
  readonly type: 'string' | 'boolean' | 'number'
  readonly description: string
  readonly short?: string
  /** Stands for the value in the help. */
  readonly value?: string
  /** The accepted values; any where undefined. */
  readonly choices?: readonly string[]
  readonly min?: number
  readonly max?: number
}
export type Options = Readonly<Record<string, Option>>

/** What a command found or did. */
export interface Outcome {
  /** For `--json`. */
  readonly data: unknown
  /** For people. */
  readonly view: View
  readonly exit?: ExitCode
}

export interface Context {
  readonly input: Input
  readonly apps: AppClients
  readonly confirm: Confirm
  /** Shows progress on standard error. */
  note(line: string): void
}

/** One command: everything that parsing, help, completions, the document and running it need. */
export interface Command {
  /** Such as `sales pause`. */
  readonly name: string
  readonly summary: string
  readonly description?: string
  readonly arguments?: readonly Argument[]
  readonly options?: Options
  readonly examples: readonly string[]
  /** The role that its token needs. */
  readonly role: Role
  /** Asks before it changes anything, and has `--yes`. */
  readonly asks?: boolean
  /** Meaning of exit code 1, where it can end with that. */
  readonly found?: string
  run(context: Context): Promise<Outcome>
}

/** Ends a command whose question was not answered with yes. */
export function unchanged(): Outcome {
  return { data: { changed: false }, view: { kind: 'text', text: 'Nothing was changed.' }, exit: EXIT.unconfirmed }
}

/** Options of every command. */
export const COMMON_OPTIONS: Options = {
  json: { type: 'boolean', description: 'Prints JSON instead of tables' },
  help: { type: 'boolean', short: 'h', description: 'Shows the help of the command' },
  config: { type: 'string', value: 'FILE', description: 'Reads the URLs and the token from this file' },
  'waiting-room': { type: 'string', value: 'URL', description: 'URL of the waiting room' },
  'order-core': { type: 'string', value: 'URL', description: 'URL of the order core' },
  'payment-worker': { type: 'string', value: 'URL', description: 'URL of the payment worker' },
  notifier: { type: 'string', value: 'URL', description: 'URL of the notifier' },
  token: {
    type: 'string',
    value: 'TOKEN',
    description: 'Your token. Other users of the machine can read it here: prefer FLOODGATE_TOKEN or the file',
  },
}
export const YES_OPTION: Options = {
  yes: { type: 'boolean', short: 'y', description: 'Answers the question with yes; required without a terminal' },
}
