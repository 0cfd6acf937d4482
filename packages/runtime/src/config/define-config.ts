import { z } from 'zod'

export interface ConfigDefinition<Shape extends z.ZodRawShape = z.ZodRawShape> {
  /** The app's folder name, such as `order-core`. */
  readonly app: string
  readonly summary: string
  readonly schema: z.ZodObject<Shape>
  /** Returns the combinations of settings that can never work, in words; none when each setting alone is at fault. */
  contradictions(config: z.infer<z.ZodObject<Shape>>): readonly string[]
}

/**
 * Declares a service's whole configuration once: `--help`, `.env.example` and the README's table derive from it. A
 * setting `databaseUrl` is the variable `DATABASE_URL` and the flag `--database-url`.
 */
export function defineConfig<Shape extends z.ZodRawShape>(options: {
  app: string
  summary: string
  settings: Shape
  /** Called with valid settings: each text is a sentence that names the variables and never contains a secret. */
  contradictions?(config: z.infer<z.ZodObject<Shape>>): readonly string[]
}): ConfigDefinition<Shape> {
  return {
    app: options.app,
    summary: options.summary,
    schema: z.object(options.settings) as z.ZodObject<Shape>,
    contradictions: (config) => options.contradictions?.(config) ?? [],
  }
}

export type ConfigOf<Definition> = Definition extends { readonly schema: infer Schema extends z.ZodType }
  ? Readonly<z.infer<Schema>>
  : never

export function variableName(key: string): string {
  return key.replace(/[A-Z]/g, '_$&').toUpperCase()
}
export function flagName(key: string): string {
  return `--${key.replace(/[A-Z]/g, '-$&').toLowerCase()}`
}
