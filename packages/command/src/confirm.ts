import { createInterface } from 'node:readline/promises'
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
  return async function confirm(question) {
    if (isYes) return true
    if (!input.isTTY || !output.isTTY)
      throw new UsageError(`${question} Nothing was changed: without a terminal, add --yes.`)
    const asking = createInterface({ input, output })
    try {
      const answer = await asking.question(`${question} Type yes to continue: `)
      return answer.trim().toLowerCase() === 'yes'
    } catch {
      // The input ended, or Ctrl-D.
      return false
    } finally {
      asking.close()
    }
  }
}
