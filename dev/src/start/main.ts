import { randomInt } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { runCrowd } from '@floodgate/crowd'
import { describePermanentFailure, step } from '../system/bring-up.ts'
import { withoutClientLimits } from '../system/client-limits.ts'
import { describeFailure } from '../system/failure.ts'
import { appNames } from '../system/names.ts'
import { nodeBinary, repository } from '../system/node-process.ts'
import { startSystem } from '../system/start-system.ts'
import type { AppEnvironments, System } from '../system/types.ts'
import { type DemoSale, ensureDemoSale } from './demo-sale.ts'
import { existingServers, readEnvFile } from './existing-servers.ts'
import { listenToKeys } from './keyboard.ts'
import { helpText, parseOptions, type StartOptions } from './options.ts'
import { outcomeTable } from './outcome-table.ts'
import { readOutcome } from './read-outcome.ts'
import { reset } from './reset.ts'
import { onStopRequests } from './signals.ts'
import { summary } from './summary.ts'
import { createTerminal, type Terminal } from './terminal.ts'
import { watchSources } from './watch.ts'

const CROWD_PROGRESS_MS = 5_000

const parsed = parseOptions(process.argv.slice(2))
if (parsed.kind === 'help') process.stdout.write(helpText)
else if (parsed.kind === 'invalid') {
  process.stderr.write(`${parsed.problems.map((problem) => `✗ ${problem}`).join('\n')}\nSee npm start -- --help.\n`)
  process.exitCode = 2
} else await run(parsed.options)

async function run(options: StartOptions): Promise<void> {
  readEnvFile(repository)
  const terminal = createTerminal(options)
  const dataDir = process.env.FLOODGATE_DATA ?? join(repository, '.data')
  const starting = new AbortController()
  let system: System | undefined
  let stopped: Promise<void> | undefined
  const requests = onStopRequests(
    () => {
      terminal.print('\nStopping. (Press again to kill.)')
      starting.abort(new Error('Stopped during the start.'))
      stopped = system?.stop()
    },
    () => {
      terminal.print('Killing.')
      void (system?.killAll() ?? Promise.resolve()).finally(() => process.exit(1))
    },
  )
  try {
    if (options.reset) for (const path of await reset(dataDir)) terminal.print(`✓ forgot ${path}`)
    system = await startSystem({
      ...options,
      dataDir,
      ports: { base: options.portBase },
      environment: environmentOf(options),
      existing: existingServers(process.env),
      migrateExisting: options.migrate,
      endWithParent: false,
      observer: terminal.observer,
      signal: starting.signal,
    })
    const running = system
    const closeKeyboard = listenToKeys({ onStop: requests.request, onKill: () => killRandomApp(running, terminal) })
    const over = running.gaveUp.then((end) => {
      terminal.print(describeFailure(describePermanentFailure(end, dataDir), options))
      process.exitCode = 1
    })
    await afterStart({ system: running, options, terminal, signal: starting.signal })
    await Promise.race([over, aborted(starting.signal)])
    await stopped
    closeKeyboard()
    process.exit()
  } catch (error) {
    await system?.stop()
    if (starting.signal.aborted) process.exit(0)
    process.stderr.write(`${describeFailure(error, options)}\n`)
    process.exit(1)
  }
}

/** The apps that every buyer uses; the other two follow events, which a partition's one consumer reads. */
/** A simulated crowd comes from this machine's one address, so the limits by client are off with `--crowd`. */
function environmentOf({ workers, crowd }: StartOptions): AppEnvironments {
  const WORKERS = { WORKERS: String(workers) }
  const environment = { 'waiting-room': WORKERS, 'order-core': WORKERS }
  return crowd > 0 ? withoutClientLimits(environment) : environment
}

async function afterStart(parts: {
  readonly system: System
  readonly options: StartOptions
  readonly terminal: Terminal
  readonly signal: AbortSignal
}): Promise<void> {
  const { system, options, terminal, signal } = parts
  const { urls, adminToken } = system
  const needsBoth = !options.without.includes('waiting-room') && !options.without.includes('order-core')
  const demo = needsBoth
    ? await step(terminal.observer, 'demo sale', () => ensureDemoSale(urls, adminToken))
    : undefined
  await system.publish(`${urls.waitingRoom}/sales/${demo?.id ?? 'demo'}`)
  for (const app of options.without) terminal.print(await debuggerLine(system, app))
  terminal.print(summary(system, demo, { lan: options.host !== '127.0.0.1' }))
  if (options.watch) watchSources({ system, print: terminal.print, signal })
  if (options.crowd > 0 && demo !== undefined)
    void showCrowd({ system, demo, size: options.crowd, terminal, signal }).catch((error: unknown) =>
      terminal.print(`✗ crowd: ${error instanceof Error ? error.message : String(error)}`),
    )
}

async function showCrowd(parts: {
  readonly system: System
  readonly demo: DemoSale
  readonly size: number
  readonly terminal: Terminal
  readonly signal: AbortSignal
}): Promise<void> {
  const { system, demo, size, terminal, signal } = parts
  terminal.print(`· a crowd of ${size} arrives within 20 s`)
  let done = 0
  const progress = setInterval(() => terminal.print(`· ${done} of ${size} buyers are done`), CROWD_PROGRESS_MS)
  const crowd = await runCrowd({
    sale: demo.id,
    size,
    waitingRooms: system.urlsOf('waiting-room'),
    orderCores: system.urlsOf('order-core'),
    signal,
    observer: {
      onEnd: () => {
        done += 1
      },
    },
  }).finally(() => clearInterval(progress))
  if (signal.aborted) return
  terminal.print(outcomeTable(await readOutcome({ system, sale: demo.id, crowd })))
}

function killRandomApp(system: System, terminal: Terminal): void {
  const candidates = appNames.flatMap((app) => system.pidsOf(app).map((_, replica) => ({ app, replica })))
  const victim = candidates[randomInt(Math.max(1, candidates.length))]
  if (victim === undefined) return
  terminal.print(`✗ SIGKILL to ${victim.app}${victim.replica === 0 ? '' : ` ${victim.replica + 1}`}`)
  const killedAt = Date.now()
  void system
    .kill(victim.app, victim)
    .then(() => system.untilReady())
    .then(
      () => terminal.print(`✓ ${victim.app} is back (${((Date.now() - killedAt) / 1_000).toFixed(1)} s)`),
      () => undefined, // The app was stopped meanwhile, or another message says why it does not restart.
    )
}

async function debuggerLine(system: System, app: (typeof appNames)[number]): Promise<string> {
  const path = join(system.dataDir, 'env', `${app}.env`)
  await mkdir(join(system.dataDir, 'env'), { recursive: true, mode: 0o700 })
  const lines = Object.entries(system.environmentOf(app)).map(([name, value]) => `${name}=${value}`)
  await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o600 })
  const node = relative(process.cwd(), nodeBinary)
  return `${app} was left out. Under a debugger:\n  ${node} --inspect --env-file=${path} apps/${app}/src/main.ts`
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
