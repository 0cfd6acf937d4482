import { appEnvironment, type EnvironmentContext, simulatorEnvironment } from './environment.ts'
import { type KeepAliveOptions, type Kept, keepAlive } from './keep-alive.ts'
import type { AppName } from './names.ts'
import { startNodeProcess } from './node-process.ts'
import type { AppStart, ProcessName, SystemOptions } from './types.ts'

export type ProcessEvents = Pick<KeepAliveOptions, 'onStarted' | 'onDied' | 'onGaveUp'> & {
  readonly onLine: (name: ProcessName, replica: number, line: string) => void
}

export type KeptApp = Kept & {
  readonly app: AppName
  readonly replica: number
  /** What the next life is started with; `failPoints` of that one life only. */
  configure(start: AppStart): void
}

/** One replica of an app as a process that is kept alive. */
export function keepApp(options: {
  readonly app: AppName
  readonly replica: number
  readonly context: EnvironmentContext
  readonly system: SystemOptions
  readonly events: ProcessEvents
}): KeptApp {
  const { app, replica, context, system, events } = options
  let environment = { ...appEnvironment(context, app, replica), ...system.environment?.[app] }
  let failPoints = replica === 0 ? system.failPoints?.[app] : undefined
  const kept = keepAlive({
    ...events,
    name: replica === 0 ? app : `${app}-${replica + 1}`,
    launch: () => {
      const armed: Record<string, string> = failPoints === undefined ? {} : { FAIL_POINTS: failPoints.join(',') }
      failPoints = undefined
      return startNodeProcess({
        // The waiting room's pages are served by way of Node's stripTypeScriptTypes, which is still marked experimental.
        args: ['--disable-warning=ExperimentalWarning', `apps/${app}/src/main.ts`],
        environment: { ...environment, ...armed },
        onLine: (line) => events.onLine(app, replica, line),
        endWithParent: system.endWithParent ?? true,
      })
    },
  })
  return {
    ...kept,
    app,
    replica,
    configure(start) {
      environment = { ...environment, ...start.environment }
      failPoints = start.failPoints
    },
  }
}

export type KeptSimulator = Kept & { readonly url: string }

/** The payment simulator, and the mail catcher unless mails go to a server that is there already. */
export function keepSimulators(
  context: EnvironmentContext,
  system: SystemOptions,
  events: ProcessEvents,
): readonly KeptSimulator[] {
  const { payment, mail } = simulatorEnvironment(context)
  const keep = (options: {
    readonly name: 'payment-simulator' | 'mail'
    readonly file: string
    readonly environment: Readonly<Record<string, string>>
  }): KeptSimulator => ({
    ...keepAlive({
      ...events,
      name: options.name,
      launch: () =>
        startNodeProcess({
          args: [options.file],
          environment: options.environment,
          onLine: (line) => events.onLine(options.name, 0, line),
          endWithParent: system.endWithParent ?? true,
        }),
    }),
    url: `http://127.0.0.1:${options.environment.PORT}`,
  })
  const simulators = [
    keep({ name: 'payment-simulator', file: 'packages/simulators/src/payment/main.ts', environment: payment }),
  ]
  if (system.existing?.smtpUrl === undefined)
    simulators.push(keep({ name: 'mail', file: 'packages/simulators/src/mail/main.ts', environment: mail }))
  return simulators
}
