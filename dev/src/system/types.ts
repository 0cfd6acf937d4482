import type { LocalServer } from '@floodgate/local-servers'
import type { Death, PermanentFailure, ProcessGroup } from '@floodgate/processes'
import type { AppName, Bus, ServerName } from './names.ts'
import type { PortPlan } from './ports.ts'

/** Existing servers, used instead of our own. They are never stopped, killed or emptied. */
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
  /** The address for apps and simulators; the servers always stay on 127.0.0.1. */
  readonly host?: string
  /** Number of processes per app; default 1. */
  readonly replicas?: Partial<Record<AppName, number>>
  /** Apps that are run separately, for instance under a debugger. */
  readonly without?: readonly AppName[]
  /** The root of the tree whose apps run and whose migrations our own database gets; default: this repository. */
  readonly release?: string
  /** Variables of an app's configuration, which override the system's: `{ 'order-core': { HOLD_SECONDS: '3' } }`. */
  readonly environment?: AppEnvironments
  /**
   * Fail points (`after-hold=kill@50`), armed only in the first process of the first replica, not in later ones.
   */
  readonly failPoints?: Partial<Record<AppName, readonly string[]>>
  readonly existing?: ExistingServers
  /** Whether to migrate an existing database, too. Otherwise its owner does that. */
  readonly migrateExisting?: boolean
  /** `false`: Postgres does not wait for the disk (survives SIGKILL, not a power loss). For tests. */
  readonly durable?: boolean
  /** Whether the processes end when this one is killed; `npm start` finds and stops them at its next start instead. */
  readonly endWithParent?: boolean
  readonly observer?: SystemObserver
  readonly signal?: AbortSignal
}

export type AppEnvironments = Partial<Record<AppName, Readonly<Record<string, string>>>>

/** Settings of one process of an app, which override the system's own. */
export interface AppStart {
  readonly replica?: number
  /** The root of the tree whose code it runs; default: as before. */
  readonly release?: string
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

/** A running Floodgate: servers, simulators and apps as separate processes, each supervised. */
export interface System {
  readonly dataDir: string
  readonly bus: Bus
  /** The URLs of the first replicas. */
  readonly urls: SystemUrls
  readonly ports: PortPlan
  readonly databaseUrl: string
  readonly redisUrl: string
  readonly kafkaBrokers?: string
  readonly adminToken: string
  /** Returns one URL per replica. */
  urlsOf(app: AppName): readonly string[]
  /** Returns the operations port of each replica: health, metrics, API documents. */
  opsUrlsOf(app: AppName): readonly string[]
  /** Returns the variables of an app, to run it by hand. */
  environmentOf(app: AppName): Readonly<Record<string, string>>
  /** Writes `running.json` and keeps it up to date from now on. */
  publish(buyerPage: string): Promise<void>
  /** Returns process ids by replica; an app that is down at the moment has none. */
  pidsOf(name: ProcessName): readonly number[]
  /** Kills it with SIGKILL; resolves when the process has exited. It restarts by itself. */
  kill(app: AppName, options?: { readonly replica?: number }): Promise<void>
  /** Stops it with SIGTERM; it stays down until `startApp`. All replicas unless one is named. */
  stopApp(app: AppName, options?: { readonly replica?: number }): Promise<void>
  /** Starts what `stopApp` stopped, with other settings if given (they stay); resolves once it is ready. */
  startApp(app: AppName, options?: AppStart): Promise<void>
  /** Calls `stopApp`, then `startApp`. */
  restartApp(app: AppName, options?: AppStart): Promise<void>
  /** Kills a server of ours with SIGKILL, runs `whileDown`, restarts it on its data and resolves once it responds. */
  crashServer(name: ServerName, whileDown?: (server: LocalServer) => Promise<void>): Promise<void>
  /** Returns the server's own handle (`dataDir`, `aofDir` of Redis); throws for an external one. */
  server(name: ServerName): LocalServer
  /**
   * Resolves when every `/readyz` is green and nothing is degraded; throws after a minute, and names those that are
   * not.
   */
  untilReady(): Promise<void>
  /** Returns every unexpected death so far: not those by `kill`, `stopApp` and `crashServer`. */
  deaths(): readonly Death[]
  /** Resolves if a process cannot be kept alive; everything has been stopped by then. */
  readonly gaveUp: Promise<PermanentFailure>
  /** Ends everything within ten seconds, gracefully at first. */
  stop(): Promise<void>
  /** Kills all remaining processes with SIGKILL. */
  killAll(): Promise<void>
}

export type ProcessName = AppName | 'payment-simulator' | 'mail' | ServerName

/** All processes of a system. */
export type SystemGroup = ProcessGroup<'app' | 'simulator' | 'server'>

/** Callbacks for progress; every method is optional. */
export interface SystemObserver {
  /** Begins a step. The returned function ends it, with a note or with the failure. */
  step?(title: string): StepEnd
  /** Reports a note within a step or between two. */
  note?(line: string): void
  /** Reports a line of a process' output. */
  line?(name: ProcessName, replica: number, line: string): void
  /** Reports that a process died and is restarted. */
  died?(death: Death & { readonly restartInMs: number }): void
  /** Reports that a process id changed. */
  changed?(): void
}

export interface StepEnd {
  done(note?: string): void
  failed(): void
}
