import { type ConfigDefinition, variableName } from '@floodgate/runtime'
import type { z } from 'zod'
import { camelCase } from '../system/names.ts'

interface ChartSetting {
  readonly variable: string
  readonly description: string
  readonly secret: boolean
  readonly required: boolean
}

const INDENT = 2

/** Returns files/secrets.yaml of the chart: the secret settings of each app, and whether each is required. Pure. */
export function chartSecrets(definitions: readonly ConfigDefinition[]): string {
  const heading = '# Written by `npm run config-docs`: the secret settings of each app, and whether each is required.\n'
  const apps = definitions.map((definition) => {
    const secrets = settingsOf(definition).filter(({ secret }) => secret)
    return `${camelCase(definition.app)}:\n${secrets.map((each) => `  ${each.variable}: ${each.required}\n`).join('')}`
  })
  return `${heading}${apps.join('')}`
}

/**
 * Returns the schema of the chart's values with the settings of each app as the only ones that it accepts, and those
 * that all apps have for `settings`. Secrets are not among them: they belong in a Secret. Pure.
 */
export function chartSchema(before: string, definitions: readonly ConfigDefinition[]): string {
  const schema = JSON.parse(before) as { $defs: Record<string, unknown> }
  const apps = definitions.map((definition) => settingsOf(definition).filter(({ secret }) => !secret))
  const [first = [], ...others] = apps
  const common = first.filter(({ variable }) => others.every((each) => each.some((it) => it.variable === variable)))
  schema.$defs.settings = schemaOf(common)
  for (const [index, { app }] of definitions.entries())
    schema.$defs[`${camelCase(app)}Settings`] = schemaOf(apps[index] ?? [])
  return `${JSON.stringify(schema, null, INDENT)}\n`
}

function schemaOf(settings: readonly ChartSetting[]): object {
  const properties = settings.map(
    ({ variable, description }) => [variable, { $ref: '#/$defs/value', description }] as const,
  )
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries(properties) }
}

function settingsOf(definition: ConfigDefinition): ChartSetting[] {
  return Object.entries(definition.schema.shape).map(([key, schema]) => {
    const type = schema as z.ZodType
    const { description = '', secret = false } = (type.meta() ?? {}) as { description?: string; secret?: boolean }
    return { variable: variableName(key), description, secret, required: !type.safeParse(undefined).success }
  })
}
