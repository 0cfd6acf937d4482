import type { SocketConnection } from './connection.ts'
import type { SocketRoute } from './socket-server.ts'

/** A session together with its route: only that route understands it. */
interface RoutedSession {
  holder(): string | undefined
  open(connection: SocketConnection): () => void
}

/** A route of one server beside others, whatever their sessions are. */
export interface BesideOthers {
  matches(pathname: string): boolean
  authenticate(request: Parameters<SocketRoute<unknown>['authenticate']>[0]): Promise<RoutedSession>
}

/** Prepares a route to stand beside others in {@link oneOfSocketRoutes}. */
export function besideOthers<Session>(route: SocketRoute<Session>): BesideOthers {
  return {
    matches: route.matches,
    authenticate: async (request) => {
      const session = await route.authenticate(request)
      return { holder: () => route.holderOf(session), open: (connection) => route.onOpen(connection, session) }
    },
  }
}

/** Serves several routes by one socket server, so that they share its limits. The first that matches a path serves it. */
export function oneOfSocketRoutes(routes: readonly BesideOthers[]): SocketRoute<RoutedSession> {
  return {
    matches: (pathname) => routes.some((route) => route.matches(pathname)),
    authenticate: (request) => {
      const route = routes.find(({ matches }) => matches(request.url.pathname))
      if (route === undefined) throw new TypeError('the server asks only about paths that match')
      return route.authenticate(request)
    },
    holderOf: (session) => session.holder(),
    onOpen: (connection, session) => session.open(connection),
  }
}
