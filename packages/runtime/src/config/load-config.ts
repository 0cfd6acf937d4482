import { parseArgs, parseEnv } from 'node:util'
import type { z } from 'zod'
import { type ConfigDefinition, flagName, variableName } from './define-config.ts'

export type LoadedConfig<Config> =
  | { readonly kind: 'config'; readonly config: Config }
  /** `--check`: try the connections instead of starting; the output is JSON with `--json`. */
  | { readonly kind: 'check'; readonly config: Config; readonly asJson: boolean }
  | { readonly kind: 'help' }
  /** All problems at once; names only, never values. */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] }

interface Sources {
  argv: readonly string[]
  env: Readonly<Record<string, string | undefined>>
  envFile?: string
}

const parseFlags = (keys: readonly string[], argv: readonly string[]) => {
  const options = Object.fromEntries(keys.map((key) => [flagName(key).slice(2), { type: 'string' as const }]))
  return parseArgs({
    args: [...argv],
    options: {
      ...options,
      help: { type: 'boolean', short: 'h' },
      check: { type: 'boolean' },
      json: { type: 'boolean' },
    },
    strict: true,
    allowPositionals: false,
  }).values as Record<string, string | boolean | undefined>
}

/** Reads a service's configuration: flag, then environment, then `.env` text, then default. Pure. */
export function loadConfig<Shape extends z.ZodRawShape>(
  definition: ConfigDefinition<Shape>,
  { argv, env, envFile = '' }: Sources,
): LoadedConfig<z.infer<z.ZodObject<Shape>>> {
  const keys = Object.keys(definition.schema.shape)
  let flags: Record<string, string | boolean | undefined>
  try {
    flags = parseFlags(keys, argv)
  } catch (error) {
    return { kind: 'invalid', problems: [error instanceof Error ? error.message : String(error)] }
  }
  if (flags.help === true) return { kind: 'help' }
  if (flags.json === true && flags.check !== true) return { kind: 'invalid', problems: ['--json needs --check'] }

  const file = parseEnv(envFile)
  const raw: Record<string, string> = {}
  for (const key of keys) {
    const value = flags[flagName(key).slice(2)] ?? env[variableName(key)] ?? file[variableName(key)]
    // An empty variable counts as unset: `PORT=` in a compose file must not become port 0.
    if (typeof value === 'string' && value !== '') raw[key] = value
  }
  const parsed = definition.schema.safeParse(raw)
  if (parsed.success) {
    const problems = definition.contradictions(parsed.data)
    if (problems.length > 0) return { kind: 'invalid', problems }
    const { data: config } = parsed
    return flags.check === true ? { kind: 'check', config, asJson: flags.json === true } : { kind: 'config', config }
  }
  return {
    kind: 'invalid',
    problems: parsed.error.issues.map((issue) => {
      const key = String(issue.path[0] ?? '')
      const missing = raw[key] === undefined ? 'is required and not set' : issue.message
      return `${variableName(key)} ${missing} (flag ${flagName(key)})`
    }),
  }
}
