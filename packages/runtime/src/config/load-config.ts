import { parseArgs, parseEnv } from 'node:util'
import type { z } from 'zod'
import { type ConfigDefinition, flagName, variableName } from './define-config.ts'
import { fileVariableOf, isSecret, readSecretFile } from './secret-files.ts'

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

/**
 * Reads a service's configuration: flag, then environment, then `.env` text, then default. A secret `NAME` may also come
 * from the file that `NAME_FILE` names, in the environment or `.env`; both at once are a problem. Pure but for that file.
 */
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
  const fileProblems = new Map<string, string>()
  for (const key of keys) {
    const variable = variableName(key)
    const value = flags[flagName(key).slice(2)] ?? env[variable] ?? file[variable]
    // An empty variable counts as unset: `PORT=` in a compose file must not become port 0.
    if (typeof value === 'string' && value !== '') raw[key] = value
    const fileVariable = fileVariableOf(variable)
    const path = env[fileVariable] ?? file[fileVariable] ?? ''
    if (path === '' || !isSecret(definition.schema.shape[key])) continue
    const secret = readSecretFile(fileVariable, path)
    if (raw[key] !== undefined)
      fileProblems.set(key, `${variable} and ${fileVariable} are both set: remove one of them`)
    else if (secret.kind === 'problem') fileProblems.set(key, secret.problem)
    else raw[key] = secret.value
  }
  const parsed = definition.schema.safeParse(raw)
  if (parsed.success && fileProblems.size === 0) {
    const problems = definition.contradictions(parsed.data)
    if (problems.length > 0) return { kind: 'invalid', problems }
    const { data: config } = parsed
    return flags.check === true ? { kind: 'check', config, asJson: flags.json === true } : { kind: 'config', config }
  }
  return {
    kind: 'invalid',
    problems: [
      ...fileProblems.values(),
      ...issuesOf(parsed.error).flatMap((issue) => (fileProblems.has(keyOf(issue)) ? [] : [describeIssue(issue, raw)])),
    ],
  }
}

type Issue = z.core.$ZodIssue

function issuesOf(error: z.ZodError | undefined): readonly Issue[] {
  return error?.issues ?? []
}

const keyOf = (issue: Issue): string => String(issue.path[0] ?? '')

function describeIssue(issue: Issue, raw: Readonly<Record<string, string>>): string {
  const key = keyOf(issue)
  const problem = raw[key] === undefined ? 'is required and not set' : issue.message
  return `${variableName(key)} ${problem} (flag ${flagName(key)})`
}
