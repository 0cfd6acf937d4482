import { join } from 'node:path'
import type { AppName, Bus } from './names.ts'
import type { PortPlan } from './ports.ts'
import type { Secrets } from './secrets.ts'

export interface EnvironmentContext {
  readonly dataDir: string
  readonly host: string
  /** The machine's name in URLs that browsers see. */
  readonly publicHost: string
  readonly ports: PortPlan
  readonly bus: Bus
  readonly databaseUrl: string
  readonly redisUrl: string
  readonly kafkaBrokers: string | undefined
  readonly smtpUrl: string
  /** The inbox over HTTP. */
  readonly mailUrl: string
  readonly secrets: Secrets
  /** Origins that are allowed besides the system's own pages. */
  readonly allowedOrigins?: string | undefined
}

type Environment = Readonly<Record<string, string>>

/** Returns the path of the JWK Set file with the private signing keys. */
export function keyFileOf(dataDir: string): string {
  return join(dataDir, 'keys.json')
}

/** Test keys of providers, as the simulator takes them. They open nothing else. */
const SIMULATED_TOSS_KEY = 'test_sk_simulator'
const SIMULATED_STRIPE_KEY = 'sk_test_simulator'

const simulatorUrl = ({ ports }: EnvironmentContext): string => `http://127.0.0.1:${ports.paymentSimulator}`

const firstPort = (context: EnvironmentContext, app: AppName): number => {
  const port = context.ports.apps[app][0]
  if (port === undefined) throw new Error(`${app} has no port.`)
  return port
}

/** Returns the URL of an app for local processes. */
const innerUrl = (context: EnvironmentContext, app: AppName): string => `http://127.0.0.1:${firstPort(context, app)}`

/** Returns the URL of an app for browsers. */
export function outerUrl(context: EnvironmentContext, app: AppName): string {
  return `http://${context.publicHost}:${firstPort(context, app)}`
}

/**
 * Returns the variables for one process of an app: the settings that this system decides; the rest has its default.
 * Pure.
 */
export function appEnvironment(context: EnvironmentContext, app: AppName, replica: number): Environment {
  const port = context.ports.apps[app][replica]
  const opsPort = context.ports.operations[app][replica]
  if (port === undefined || opsPort === undefined) throw new Error(`${app} has no replica ${replica}.`)
  const ports = { PORT: String(port), OPS_PORT: String(opsPort) }
  return { ...sharedEnvironment(context), ...ports, ...ownEnvironment(context, app) }
}

/** Time limit for every app's processes; the system as a whole has ten seconds. */
const SHUTDOWN_SECONDS = '5'

function sharedEnvironment(context: EnvironmentContext): Environment {
  return {
    HOST: context.host,
    ENVIRONMENT: 'development',
    SHUTDOWN_SECONDS,
    ALLOWED_ORIGINS: allowedOrigins(context),
    DATABASE_URL: context.databaseUrl,
    REDIS_URL: context.redisUrl,
    ADMIN_TOKEN: context.secrets.adminToken,
    BUS: context.bus,
    ...(context.kafkaBrokers === undefined ? {} : { KAFKA_BROKERS: context.kafkaBrokers }),
  }
}

function ownEnvironment(context: EnvironmentContext, app: AppName): Environment {
  const jwks = { JWKS_URL: `${innerUrl(context, 'waiting-room')}/.well-known/jwks.json` }
  const emailKey = { EMAIL_KEY: context.secrets.emailKey }
  const paymentKey = { PAYMENT_KEY: context.secrets.paymentKey }
  switch (app) {
    case 'waiting-room':
      return {
        FLOODGATE_KEYS: keyFileOf(context.dataDir),
        PUBLIC_URL: outerUrl(context, 'waiting-room'),
        ORDER_CORE_URL: outerUrl(context, 'order-core'),
        NOTIFIER_URL: outerUrl(context, 'notifier'),
        PAYMENT_WORKER_URL: outerUrl(context, 'payment-worker'),
      }
    case 'order-core':
      return { ...jwks, ...emailKey, ...paymentKey }
    case 'payment-worker':
      return {
        ...paymentKey,
        GATEWAY_URL: simulatorUrl(context),
        // The simulator also speaks the protocols of Stripe and Toss Payments: PAYMENT_PROVIDER chooses.
        STRIPE_URL: simulatorUrl(context),
        STRIPE_SECRET_KEY: SIMULATED_STRIPE_KEY,
        TOSS_URL: simulatorUrl(context),
        TOSS_SECRET_KEY: SIMULATED_TOSS_KEY,
        ORDER_CORE_URL: innerUrl(context, 'order-core'),
        PAYMENT_RETURN_URL: `${outerUrl(context, 'waiting-room')}/sales/{sale}?payment={order}`,
      }
    case 'notifier':
      return {
        ...jwks,
        ...emailKey,
        PUBLIC_URL: outerUrl(context, 'notifier'),
        WAITING_ROOM_URL: outerUrl(context, 'waiting-room'),
        SMTP_URL: context.smtpUrl,
      }
  }
}

/**
 * Returns the allowed origins. The waiting room serves the pages, which call the other apps: from every replica, by
 * every name of this machine.
 */
function allowedOrigins(context: EnvironmentContext): string {
  const hosts = new Set(['127.0.0.1', 'localhost', context.publicHost])
  const origins = context.ports.apps['waiting-room'].flatMap((port) =>
    [...hosts].map((host) => `http://${host}:${port}`),
  )
  const others = (context.allowedOrigins ?? '').split(',').filter((origin) => origin !== '')
  return [...origins, ...others].join(',')
}

/** Returns the variables of the two simulators. */
export function simulatorEnvironment(context: EnvironmentContext): { payment: Environment; mail: Environment } {
  const shared = { HOST: context.host, ENVIRONMENT: 'development', SHUTDOWN_SECONDS }
  return {
    payment: {
      ...shared,
      PORT: String(context.ports.paymentSimulator),
      DATA_FILE: join(context.dataDir, 'payment-simulator.jsonl'),
    },
    mail: { ...shared, PORT: String(context.ports.mailHttp), SMTP_PORT: String(context.ports.mailSmtp) },
  }
}
