export interface FailureParts {
  readonly what: string
  readonly where: string
  /** The likely reason. */
  readonly why: string
  /** What to run next. */
  readonly command: string
  readonly cause?: unknown
}

/** A failure that a person must fix: what, where, the likely reason, and the command to run. */
export class StepFailure extends Error {
  static readonly code = 'step-failure'
  readonly code = StepFailure.code
  override readonly name = 'StepFailure'
  readonly parts: FailureParts

  constructor(parts: FailureParts) {
    super(`${parts.what}: ${parts.where}`, { cause: parts.cause })
    this.parts = parts
  }
}

/** Formats the failure for people; with the stack of its cause only on request. */
export function describeFailure(error: unknown, options: { readonly verbose: boolean }): string {
  const lines =
    error instanceof StepFailure
      ? [
          `✗ ${error.parts.what}`,
          `  where: ${indented(error.parts.where)}`,
          `  why:   ${indented(error.parts.why)}`,
          `  run:   ${indented(error.parts.command)}`,
        ]
      : [`✗ ${error instanceof Error ? error.message : String(error)}`]
  if (options.verbose && error instanceof Error) lines.push('', stackWithCauses(error))
  return lines.join('\n')
}

const indented = (text: string): string => text.trim().split('\n').join('\n         ')

function stackWithCauses(error: Error): string {
  const stack = error.stack ?? error.message
  return error.cause instanceof Error ? `${stack}\ncaused by ${stackWithCauses(error.cause)}` : stack
}
