import { parse } from 'yaml'
import { z } from 'zod'

const condition = z.enum(['service_healthy', 'service_completed_successfully'])

const service = z.object({
  image: z.string(),
  command: z.array(z.coerce.string()).optional(),
  environment: z.record(z.string(), z.coerce.string()).default({}),
  depends_on: z.record(z.string(), z.object({ condition })).default({}),
  /** As `8080:80` or `127.0.0.1:8080:80`. */
  ports: z.array(z.string()).default([]),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
})
export type ComposeService = z.infer<typeof service>

/** Expands `${NAME:-default}` and `${NAME:+replacement}` as compose does when the variable is not set. */
const withDefaults = (value: string): string =>
  value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1').replaceAll(/\$\{\w+:\+[^}]*\}/g, '')

/** Parses the services of a compose file. */
export function parseCompose(text: string): ReadonlyMap<string, ComposeService> {
  const { services } = z.object({ services: z.record(z.string(), service) }).parse(parse(text, { merge: true }))
  return new Map(
    Object.entries(services).map(([name, each]) => [
      name,
      {
        ...each,
        environment: Object.fromEntries(
          Object.entries(each.environment).map(([variable, value]) => [variable, withDefaults(value)]),
        ),
      },
    ]),
  )
}

/** Orders service names, each after everything that it depends on. Throws on a cycle. */
export function startOrder(services: ReadonlyMap<string, ComposeService>): string[] {
  const order: string[] = []
  const visit = (name: string, path: readonly string[]): void => {
    if (order.includes(name)) return
    if (path.includes(name)) throw new Error(`depends_on has a cycle: ${[...path, name].join(' → ')}`)
    for (const needed of Object.keys(services.get(name)?.depends_on ?? {})) visit(needed, [...path, name])
    order.push(name)
  }
  for (const name of services.keys()) visit(name, [])
  return order
}
