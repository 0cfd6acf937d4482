import type { LocalServer } from '@floodgate/local-servers'
import type { Death, GivingUp, ProcessGroup } from '@floodgate/processes'
import type { AppName, Bus, ServerName } from './names.ts'
import type { PortPlan } from './ports.ts'

/** Servers that are there already and are used instead of our own. They are never stopped, killed or emptied. */
export interface ExistingServers {
  readonly databaseUrl?: string
  readonly redisUrl?: string
  readonly kafkaBrokers?: string
  readonly smtpUrl?: string
}

export interface SystemOptions {
  /** Everything of this system lives here; two systems never share one. */
  readonly dataDir: string
  readonly ports: 'free' | { readonly base: number }
  readonly bus?: Bus
  /** What the apps and simulators bind; the servers always stay on 127.0.0.1. */
  readonly host?: string
  /** How many processes of an app; 1 where nothing is said. */
  readonly replicas?: Partial<Record<AppName, number>>
  /** Apps that somebody else runs, under a debugger for instance. */
  readonly without?: readonly AppName[]
  /** Variables of an app's configuration, over what the system gives it: `{ 'order-core': { HOLD_SECONDS: '3' } }`. */
  readonly environment?: AppEnvironments
  /** Fail points (`after-hold=kill@50`), armed in the first process of the first replica alone: what comes after it is sound. */
  readonly failPoints?: Partial<Record<AppName, readonly string[]>>
  readonly existing?: ExistingServers
  /** Migrate an existing database too. Without it that is the owner's business. */
  readonly migrateExisting?: boolean
  /** `false`: Postgres doesn't wait for the disk (survives SIGKILL, not a power loss). For tests. */
  readonly durable?: boolean
  /** Whether the processes end when this one dies without a word; `npm start` finds and stops them at its next start instead. */
  readonly endWithParent?: boolean
  readonly observer?: SystemObserver
  readonly signal?: AbortSignal
}

export type AppEnvironments = Partial<Record<AppName, Readonly<Record<string, string>>>>

/** What one process of an app is started with, over the system's own settings. */
export interface AppStart {
  readonly replica?: number
  readonly environment?: Readonly<Record<string, string>>
  readonly failPoints?: readonly string[]
}

export interface SystemUrls {
  readonly waitingRoom: string
  readonly orderCore: string
  readonly paymentWorker: string
  readonly notifier: string
  /** Health, metrics and API documents of each app. */
  readonly operations: Readonly<Record<'waitingRoom' | 'orderCore' | 'paymentWorker' | 'notifier', string>>
  readonly paymentSimulator: string
  /** The inbox over HTTP. */
  readonly mail: string
  readonly buyerPage: string
  /** The operator console; the token is in the fragment, which no server sees. */
  readonly console: string
}

/** A running Floodgate: servers, simulators and apps as processes of their own, each supervised. */
export interface System {
  readonly dataDir: string
  readonly bus: Bus
  /** Of the first replicas. */
  readonly urls: SystemUrls
  readonly ports: PortPlan
  readonly databaseUrl: string
  readonly redisUrl: string
  readonly kafkaBrokers?: string
  readonly adminToken: string
  /** One URL per replica. */
  urlsOf(app: AppName): readonly string[]
  /** The operations port of each replica: health, metrics, API documents. */
  opsUrlsOf(app: AppName): readonly string[]
  /** The variables an app is started with, to run it by hand. */
  environmentOf(app: AppName): Readonly<Record<string, string>>
  /** Writes `running.json` and keeps it true from now on. */
  publish(buyerPage: string): Promise<void>
  /** Process ids by replica; an app that is down at the moment has none. */
  pidsOf(name: ProcessName): readonly number[]
  /** SIGKILL; resolves when the process is gone. It comes back by itself. */
  kill(app: AppName, options?: { readonly replica?: number }): Promise<void>
  /** SIGTERM; stays down until `startApp`. All replicas unless one is named. */
  stopApp(app: AppName, options?: { readonly replica?: number }): Promise<void>
  /** Starts what `stopApp` stopped, with other settings if given (they stay); resolves once it is ready. */
  startApp(app: AppName, options?: AppStart): Promise<void>
  /** `stopApp`, then `startApp`. */
  restartApp(app: AppName, options?: AppStart): Promise<void>
  /** SIGKILLs a server of ours, runs `whileDown`, starts it again on its data and resolves once it answers. */
  crashServer(name: ServerName, whileDown?: (server: LocalServer) => Promise<void>): Promise<void>
  /** The server's own handle (`dataDir`, `aofDir` of Redis); throws for one that isn't ours. */
  server(name: ServerName): LocalServer
  /** Resolves when every `/readyz` is green and nothing is degraded; throws, naming what is not, after a minute. */
  untilReady(): Promise<void>
  /** Every unexpected death so far: not those by `kill`, `stopApp` and `crashServer`. */
  deaths(): readonly Death[]
  /** Resolves if a process can't be kept alive; everything has been stopped by then. */
  readonly gaveUp: Promise<GivingUp>
  /** Ends everything within ten seconds, politely at first. */
  stop(): Promise<void>
  /** SIGKILLs everything that is left. */
  killAll(): Promise<void>
}

export type ProcessName = AppName | 'payment-simulator' | 'mail' | ServerName

/** All processes of a system. */
export type SystemGroup = ProcessGroup<'app' | 'simulator' | 'server'>

/** Told what goes on; every method is optional to the caller. */
export interface SystemObserver {
  /** A step begins. The returned function ends it, with a note or with the failure. */
  step?(title: string): StepEnd
  /** Something to know within a step or between two. */
  note?(line: string): void
  /** A line of a process' output. */
  line?(name: ProcessName, replica: number, line: string): void
  /** A process died and is started again. */
  died?(death: Death & { readonly restartInMs: number }): void
  /** A process id changed. */
  changed?(): void
}

export interface StepEnd {
  done(note?: string): void
  failed(): void
}
