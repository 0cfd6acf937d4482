import { createAppClients, type FetchFrom } from './apps.ts'
import type { Command } from './command.ts'
import { completionScript } from './completions.ts'
import { createConfirm } from './confirm.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { failureOf } from './failure.ts'
import { helpText } from './help.ts'
import { parseLine } from './parse-line.ts'
import { findApps } from './settings.ts'
import { jsonText, oneLine } from './terminal-text.ts'
import { formatView } from './view.ts'

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }
  readonly errors: NodeJS.WritableStream & { readonly isTTY?: boolean }
  readonly fetch?: FetchFrom
}

const SETTINGS = ['config', 'waiting-room', 'order-core', 'payment-worker', 'notifier', 'token'] as const

/** Runs a command line. Prints the result to `output`, everything else to `errors`, and resolves to the exit code. */
export async function run(
  argv: readonly string[],
  commands: readonly Command[],
  around: Surroundings,
): Promise<ExitCode> {
  try {
    return await runLine(argv, commands, around)
  } catch (error) {
    const { exit, code, line } = failureOf(error)
    if (argv.includes('--json')) around.output.write(`${jsonText({ error: code, message: line })}\n`)
    around.errors.write(`floodgate: ${line}\n`)
    return exit
  }
}

async function runLine(argv: readonly string[], commands: readonly Command[], around: Surroundings): Promise<ExitCode> {
  const { environment, input: stdin, output, errors } = around
  const line = parseLine(argv, commands)
  if (line.kind === 'help') {
    output.write(helpText(line.topic, commands))
    return EXIT.done
  }
  if (line.kind === 'completions') {
    output.write(completionScript(line.shell, commands))
    return EXIT.done
  }
  const { command, input } = line
  function note(text: string): void {
    errors.write(`${oneLine(text)}\n`)
  }
  const given = Object.fromEntries(SETTINGS.map((name) => [name, input.text(name)]))
  const apps = createAppClients(await findApps(environment, { given, note }), around.fetch)
  const confirm = createConfirm({ isYes: input.flag('yes'), input: stdin, output: errors })
  const { data, view, exit = EXIT.done } = await command.run({ input, apps, confirm, note })
  const isForPeople = output.isTTY === true
  const screen = {
    width: isForPeople ? output.columns : undefined,
    isColoured: isForPeople && !environment.NO_COLOR && environment.TERM !== 'dumb',
  }
  output.write(input.flag('json') ? `${jsonText(data)}\n` : formatView(view, screen))
  return exit
}
