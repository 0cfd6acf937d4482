import { z } from 'zod'
import { bodyOf, send } from '../client/http.ts'

/** Who may call a route. */
export type Bearer = 'nobody' | 'operator' | 'ticket' | 'admission'

export interface Route {
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

const operation = z.looseObject({
  security: z.array(z.record(z.string(), z.array(z.string()))),
  requestBody: z.looseObject({ required: z.boolean() }).optional(),
})
const openApi = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), operation)) })

/** The routes an app says it has, on its operations port. */
export async function readRoutes(url: string, opsUrl: string): Promise<Route[]> {
  const { paths } = bodyOf(await send('GET', `${opsUrl}/openapi.json`), openApi)
  return Object.entries(paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, { requestBody, security }]) => ({
      url,
      method: method.toUpperCase(),
      template,
      bearer: bearerOf(security.map((each) => Object.keys(each))),
      needsBody: requestBody?.required === true,
      isSocket: /\/live(\/|$)/.test(template),
    })),
  )
}

/** By the schemes of the alternatives; one without any is for everybody. */
function bearerOf(alternatives: readonly (readonly string[])[]): Bearer {
  const [first = []] = alternatives
  if (first.includes('operator')) return 'operator'
  if (first.includes('admission') || first.includes('admissionProtocol')) return 'admission'
  if (first.includes('ticket') || first.includes('ticketProtocol')) return 'ticket'
  return 'nobody'
}

/** The address of a route with these values in it. */
export function addressOf(route: Route, values: Readonly<Record<string, string>>): string {
  return route.url + route.template.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? `no-${name}`)
}

export function parametersOf(route: Route): string[] {
  return [...route.template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
}
