import { z } from 'zod'

export interface ConfigDefinition<Shape extends z.ZodRawShape = z.ZodRawShape> {
  /** The app's folder name, such as `order-core`. */
  readonly app: string
  readonly summary: string
  readonly schema: z.ZodObject<Shape>
}

/**
 * Declares a service's whole configuration once: `--help`, `.env.example` and the README's table derive from it. A
 * setting `databaseUrl` is the variable `DATABASE_URL` and the flag `--database-url`.
 */
export function defineConfig<Shape extends z.ZodRawShape>(options: {
  app: string
  summary: string
  settings: Shape
}): ConfigDefinition<Shape> {
  return {
    app: options.app,
    summary: options.summary,
    schema: z.object(options.settings) as z.ZodObject<Shape>,
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
