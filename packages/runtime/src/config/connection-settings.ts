import { z } from 'zod'
import { setting } from './setting.ts'

/** Limits of the port that clients reach (docs/adr/0021-connection-limits-and-load-shedding.md). 0 turns a count off. */
export const connectionSettings = {
  connectionsMax: setting.integer({
    description: 'Open connections, including WebSockets; capped by the open-files limit of the process',
    unit: 'connections',
    min: 0,
    max: 1_000_000,
    default: 25_000,
  }),
  connectionsPerAddressMax: setting.integer({
    description:
      'Open connections of one client address, at most a fifth of the process; off behind a proxy (`TRUSTED_HOPS`), whose address all clients share',
    unit: 'connections',
    min: 0,
    max: 1_000_000,
    default: 5_000,
  }),
  headersMax: setting.integer({
    description: 'Header fields of a request; more are rejected with 431',
    unit: 'fields',
    min: 20,
    max: 1_000,
    default: 100,
  }),
  headersMaxBytes: setting.integer({
    description:
      'Bytes of the header section of a request, cookies of the whole domain among them; more are rejected with 431. The proxy in front must allow as many',
    unit: 'bytes',
    min: 4_096,
    max: 131_072,
    default: 32_768,
  }),
  headersSeconds: setting.integer({
    description: 'Maximum time for a client to send the header section, from the connection or its first byte',
    unit: 's',
    min: 1,
    max: 60,
    default: 5,
  }),
  requestSeconds: setting.integer({
    description: 'Maximum time for a client to send a whole request; at least `HEADERS_SECONDS`',
    unit: 's',
    min: 1,
    max: 300,
    default: 10,
  }),
  responseSeconds: setting.integer({
    description: 'How long a response may make no progress before its connection is closed',
    unit: 's',
    min: 5,
    max: 600,
    default: 30,
  }),
  answerMsMax: setting.integer({
    description: "Maximum time until a buyer's response; then it is 503 with `Retry-After`, while the work continues",
    unit: 'ms',
    min: 100,
    max: 60_000,
    default: 3_500,
  }),
  keepAliveSeconds: setting.integer({
    description:
      'How long an idle connection is kept; longer than the load balancer keeps it, or requests meet a closing one',
    unit: 's',
    min: 1,
    max: 3_600,
    default: 65,
  }),
  eventLoopLagMsMax: setting.integer({
    description: 'Event loop delay from which requests and upgrades are rejected with 503; 0 = never',
    unit: 'ms',
    min: 0,
    max: 60_000,
    default: 1_000,
  }),
}

export type ConnectionConfig = z.infer<z.ZodObject<typeof connectionSettings>>

/** The defaults, for servers without a configuration of their own. */
export const connectionDefaults: ConnectionConfig = z.object(connectionSettings).parse({})

/** Limits of the apps with WebSockets. */
export const socketSettings = {
  socketsMax: setting.integer({
    description: 'Open WebSockets; more are rejected with 503; 0 = no limit',
    unit: 'sockets',
    min: 0,
    max: 1_000_000,
    default: 20_000,
  }),
  socketsPerAddressMax: setting.integer({
    description:
      'Open WebSockets of one client address, at most a fifth of the process; more are rejected with 429; 0 = no limit',
    unit: 'sockets',
    min: 0,
    max: 1_000_000,
    default: 2_000,
  }),
  socketsPerTicketMax: setting.integer({
    description: 'Open WebSockets of one ticket or admission; more are rejected with 429; 0 = no limit',
    unit: 'sockets',
    min: 0,
    max: 1_000,
    default: 4,
  }),
}

export type SocketLimits = z.infer<z.ZodObject<typeof socketSettings>>
