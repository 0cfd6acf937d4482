import type { Auth, RouteContract } from '@floodgate/contracts'

/** Who may call a route. */
export type Bearer = 'nobody' | 'operator' | 'ticket' | 'admission'

export interface Route {
  readonly url: string
  readonly method: string
  /** The path as declared: `/sales/{sale}/ticket`. */
  readonly template: string
  readonly bearer: Bearer
  /** A request without a body is malformed. */
  readonly needsBody: boolean
  /** A WebSocket route, which rejects plain requests. */
  readonly isSocket: boolean
}

/** Returns the declared routes of a running app. */
export function routesOf(url: string, declared: Readonly<Record<string, RouteContract>>): Route[] {
  return Object.values(declared).map(({ method, path, auth, request, responses }) => ({
    url,
    method: method.toUpperCase(),
    template: path,
    bearer: bearerOf(auth),
    needsBody: request?.body?.required === true,
    isSocket: '101' in responses,
  }))
}

/** Returns the caller for the first credential; a route that needs none is for everybody. */
function bearerOf([first = 'none']: Auth): Bearer {
  if (first === 'operator') return 'operator'
  if (first === 'admission' || first === 'admissionProtocol') return 'admission'
  if (first === 'ticket' || first === 'ticketProtocol') return 'ticket'
  return 'nobody'
}

/** Returns the address of a route with these values. */
export function addressOf(route: Route, values: Readonly<Record<string, string>>): string {
  return route.url + route.template.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? `no-${name}`)
}

export function parametersOf(route: Route): string[] {
  return [...route.template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
}
