import { createInterface } from 'node:readline/promises'
import { oneLine } from './terminal-text.ts'
import { UsageError } from './usage-error.ts'

/** Asks before a change; `question` says what will happen to how many. Resolves to whether the answer is yes. */
export type Confirm = (question: string) => Promise<boolean>

export interface ConfirmOptions {
  /** `--yes`. */
  readonly isYes: boolean
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean }
}

/** Creates the question of a command. Without a terminal and `--yes` it throws {@link UsageError}: nobody can answer. */
export function createConfirm({ isYes, input, output }: ConfirmOptions): Confirm {
  return async function confirm(asked) {
    const question = oneLine(asked)
    if (isYes) return true
    if (!input.isTTY || !output.isTTY)
      throw new UsageError(`${question} Nothing was changed: without a terminal, add --yes.`)
    const asking = createInterface({ input, output })
    // Without a listener, Ctrl-C would only pause the input.
    asking.once('SIGINT', () => process.kill(process.pid, 'SIGINT'))
    // The input may end without an answer, as by Ctrl-D.
    const ended = new Promise<string>((resolve) => asking.once('close', () => resolve('')))
    try {
      const answer = await Promise.race([asking.question(`${question} Type yes to continue: `), ended])
      return answer.trim().toLowerCase() === 'yes'
    } finally {
      asking.close()
    }
  }
}
