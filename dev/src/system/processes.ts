import { type Supervised, type SupervisorEvents, SYSTEM_RESTARTS, supervise } from '@floodgate/processes'
import { appEnvironment, type EnvironmentContext, simulatorEnvironment } from './environment.ts'
import type { AppName } from './names.ts'
import { repository, startNodeProcess } from './node-process.ts'
import type { AppStart, ProcessName, SystemOptions } from './types.ts'

export type ProcessEvents = SupervisorEvents & {
  onLine(name: ProcessName, replica: number, line: string): void
}

export type SupervisedApp = Supervised & {
  readonly app: AppName
  readonly replica: number
  /** Configures the next run; `failPoints` apply to that one run only. */
  configure(start: AppStart): void
}

/** Supervises one replica of an app. */
export function superviseApp(options: {
  readonly app: AppName
  readonly replica: number
  readonly context: EnvironmentContext
  readonly system: SystemOptions
  readonly events: ProcessEvents
}): SupervisedApp {
  const { app, replica, context, system, events } = options
  let environment = { ...appEnvironment(context, app, replica), ...system.environment?.[app] }
  let root = system.release ?? repository
  let failPoints = replica === 0 ? system.failPoints?.[app] : undefined
  const supervised = supervise({
    ...events,
    policy: SYSTEM_RESTARTS,
    name: replica === 0 ? app : `${app}-${replica + 1}`,
    launch: () => {
      const armed: Record<string, string> = failPoints === undefined ? {} : { FAIL_POINTS: failPoints.join(',') }
      failPoints = undefined
      return startNodeProcess({
        root,
        // The waiting room serves its pages by Node's stripTypeScriptTypes, which is still marked experimental.
        args: ['--disable-warning=ExperimentalWarning', `apps/${app}/src/main.ts`],
        environment: { ...environment, ...armed },
        onLine: (line) => events.onLine(app, replica, line),
        endWithParent: system.endWithParent ?? true,
      })
    },
  })
  return {
    ...supervised,
    app,
    replica,
    configure(start) {
      environment = { ...environment, ...start.environment }
      root = start.release ?? root
      failPoints = start.failPoints
    },
  }
}

export type SupervisedSimulator = Supervised & { readonly url: string }

/** Supervises the payment simulator, and the mail catcher unless mails go to an existing server. */
export function superviseSimulators(
  context: EnvironmentContext,
  system: SystemOptions,
  events: ProcessEvents,
): readonly SupervisedSimulator[] {
  const { payment, mail } = simulatorEnvironment(context)
  const superviseOne = (options: {
    readonly name: 'payment-simulator' | 'mail'
    readonly file: string
    readonly environment: Readonly<Record<string, string>>
  }): SupervisedSimulator => ({
    ...supervise({
      ...events,
      policy: SYSTEM_RESTARTS,
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
    superviseOne({ name: 'payment-simulator', file: 'packages/simulators/src/payment/main.ts', environment: payment }),
  ]
  if (system.existing?.smtpUrl === undefined)
    simulators.push(superviseOne({ name: 'mail', file: 'packages/simulators/src/mail/main.ts', environment: mail }))
  return simulators
}
