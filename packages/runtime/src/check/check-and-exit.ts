import type { z } from 'zod'
import type { ConfigDefinition } from '../config/define-config.ts'
import type { ConnectionCheck } from './connection-check.ts'
import { formatResults, resultsAsJson, succeeded } from './format-results.ts'
import { runChecks } from './run-checks.ts'
import { createSecretHider } from './without-secrets.ts'

export interface CheckRun<Shape extends z.ZodRawShape> {
  readonly definition: ConfigDefinition<Shape>
  readonly config: z.infer<z.ZodObject<Shape>>
  readonly checks: readonly ConnectionCheck[]
  readonly asJson: boolean
}

/**
 * Tries the connections of an app, writes the results to the standard output and ends the process: with 0 when none
 * failed, otherwise with 1. Connections to mute servers end with the process.
 */
export async function checkAndExit<Shape extends z.ZodRawShape>(run: CheckRun<Shape>): Promise<void> {
  const { definition, config, asJson } = run
  const results = await runChecks(run.checks)
  const hideSecrets = createSecretHider(definition, config)
  const text = asJson ? resultsAsJson(definition.app, results) : formatResults(results)
  // The reader may be gone, as with `| head -1`; the exit code says the same.
  process.stdout.on('error', () => undefined)
  await new Promise<void>((resolve) => process.stdout.write(hideSecrets(text), () => resolve()))
  process.exit(succeeded(results) ? 0 : 1)
}
