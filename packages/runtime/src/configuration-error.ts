/**
 * Thrown by `createApp`, or passed to `onFatal`, when something that the configuration names is missing or unusable. Printed without a stack; the
 * process exits 78.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly problems: readonly string[]

  constructor(problems: string | readonly string[], options?: ErrorOptions) {
    const all = [problems].flat()
    super(all.join(' '), options)
    this.problems = all
  }
}

export function printConfigurationError(app: string, problems: readonly string[]): void {
  process.stderr.write(`${app} cannot start:\n${problems.map((problem) => `  - ${problem}`).join('\n')}\nSee --help.\n`)
}
