import { z } from 'zod'
import { bodyOf, send } from '../client/http.ts'

/** Who may call a route. */
export type Bearer = 'nobody' | 'operator' | 'ticket' | 'admission'

export type Route = {
  readonly url: string
  readonly method: string
  /** As the document writes it: `/sales/{sale}/ticket`. */
  readonly template: string
  readonly bearer: Bearer
  /** A request without a body is malformed. */
  readonly needsBody: boolean
  /** A WebSocket route: plain requests are told so. */
  readonly isSocket: boolean
}

const openApi = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ requestBody: z.unknown().optional() }))),
})

/** The routes an app says it has, on its operations port. */
export async function readRoutes(url: string, opsUrl: string): Promise<Route[]> {
  const { paths } = bodyOf(await send('GET', `${opsUrl}/openapi.json`), openApi)
  return Object.entries(paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, { requestBody }]) => ({
      url,
      method: method.toUpperCase(),
      template,
      bearer: bearerOf(method, template),
      needsBody: requestBody !== undefined && !template.endsWith('/refund') && !template.endsWith('/tickets'),
      isSocket: /\/live(\/|$)/.test(template),
    })),
  )
}

function bearerOf(method: string, template: string): Bearer {
  if (template.startsWith('/admin/')) return 'operator'
  if (/^\/(orders|live\/orders)(\/|$)/.test(template)) return 'admission'
  if (/^\/sales\/\{sale\}\/(ticket|live|ended-pass)$/.test(template)) return 'ticket'
  if (method === 'post' && template === '/sales/{sale}/tickets') return 'nobody'
  return 'nobody'
}

/** The address of a route with these values in it. */
export const addressOf = (route: Route, values: Readonly<Record<string, string>>): string =>
  route.url + route.template.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? `no-${name}`)

export const parametersOf = (route: Route): string[] =>
  [...route.template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
