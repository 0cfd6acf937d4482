import type { AppEnvironments } from './types.ts'

/**
 * For a system whose buyers all come from one address, as in benches, stories and a demo crowd: limits by client are
 * off.
 */
const CONNECTIONS = { CONNECTIONS_PER_ADDRESS_MAX: '0' }
const SOCKETS = { ...CONNECTIONS, SOCKETS_PER_ADDRESS_MAX: '0' }
const WITHOUT_CLIENT_LIMITS: AppEnvironments = {
  'waiting-room': { ...SOCKETS, NEW_PLACES_PER_SECOND: '0', POLLS_EARLY_MAX: '0' },
  'order-core': { ...CONNECTIONS, READS_PER_SECOND: '0', ORDERS_PER_SECOND: '0' },
  'payment-worker': CONNECTIONS,
  notifier: { ...SOCKETS, READS_PER_SECOND: '0' },
}

/** Returns the environment with the limits by client turned off, unless it sets them itself. */
export function withoutClientLimits(environment: AppEnvironments = {}): AppEnvironments {
  const apps = Object.entries(WITHOUT_CLIENT_LIMITS) as [keyof AppEnvironments, Readonly<Record<string, string>>][]
  const limited = apps.map(([app, off]) => [app, { ...off, ...environment[app] }])
  return { ...environment, ...Object.fromEntries(limited) }
}
