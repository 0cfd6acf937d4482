import type { z } from 'zod'
import { type ConfigDefinition, flagName, variableName } from './define-config.ts'
import { isKeyRing } from './key-ring.ts'
import { fileVariableOf } from './secret-files.ts'

interface DocumentedSetting {
  readonly key: string
  readonly description: string
  readonly type: string
  readonly unit: string | undefined
  readonly secret: boolean
  readonly required: boolean
  readonly defaultValue: string | undefined
}

const documented = (definition: ConfigDefinition): DocumentedSetting[] =>
  Object.entries(definition.schema.shape).map(([key, schema]) => {
    const type = schema as z.ZodType
    const meta = (type.meta() ?? {}) as { description?: string; type?: string; unit?: string; secret?: boolean }
    const unset = type.safeParse(undefined)
    const value = unset.success ? unset.data : undefined
    return {
      key,
      description: meta.description ?? '',
      type: meta.type ?? 'text',
      unit: meta.unit,
      secret: meta.secret ?? false,
      required: !unset.success,
      defaultValue: value === undefined ? undefined : Array.isArray(value) ? value.join(',') : String(value),
    }
  })

const bounds = (each: DocumentedSetting) => `${each.type.replaceAll('\\|', '|')}${each.unit ? ` ${each.unit}` : ''}`

/**
 * Returns the settings in force by their variables: null where unset, `(secret)` instead of a secret, and the ids of a
 * ring's keys, which sealed data names, too.
 */
export function describeSettings(
  definition: ConfigDefinition,
  config: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    documented(definition).map(({ key, secret }) => [
      variableName(key),
      secret ? secretText(config[key]) : settingText(config[key]),
    ]),
  )
}

/** Never returns a digest of any other secret: people choose some of them, and a digest of those can be searched. */
function secretText(value: unknown): string {
  return isKeyRing(value) ? value.map(({ kid }) => kid).join(',') : '(secret)'
}

function settingText(value: unknown): string | null {
  const text = Array.isArray(value) ? value.join(',') : String(value ?? '')
  return text === '' ? null : text
}

/** Returns the text of `--help`. */
export function configHelp(definition: ConfigDefinition): string {
  const lines = documented(definition).map((each) => {
    const fallback = each.required
      ? 'required'
      : each.defaultValue
        ? `default ${each.defaultValue}`
        : 'unset by default'
    return `  ${flagName(each.key)}  (${variableName(each.key)}${each.secret ? ` or ${fileVariableOf(variableName(each.key))}` : ''}; ${bounds(each)}; ${fallback})\n      ${each.description}`
  })
  return `${definition.app}: ${definition.summary}\n\nFlags win over environment variables, those over .env, those over defaults.\n\n  --check [--json]\n      Tries every connection, prints one line each and starts nothing; exit code 0 when all work, 1 otherwise\n${lines.join('\n')}\n`
}

/** Returns the service's part of `.env.example`. Required settings are empty, the others commented out. */
export function configEnvExample(definition: ConfigDefinition): string {
  const lines = documented(definition).map((each) => {
    const assignment = `${variableName(each.key)}=${each.defaultValue ?? ''}`
    return `# ${each.description} (${bounds(each)})\n${each.required ? assignment : `# ${assignment}`}`
  })
  return `# --- ${definition.app}: ${definition.summary}\n\n${lines.join('\n\n')}\n`
}

/** Returns the service's table in the README. */
export function configTable(definition: ConfigDefinition): string {
  const rows = documented(definition).map((each) => {
    const fallback = each.required ? '**required**' : each.defaultValue ? `\`${each.defaultValue}\`` : '–'
    return `| \`${variableName(each.key)}\` | ${each.type}${each.unit ? ` ${each.unit}` : ''} | ${fallback} | ${each.description} |`
  })
  return `| variable | type | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`
}
