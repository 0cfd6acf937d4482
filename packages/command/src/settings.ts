import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { UsageError } from './usage-error.ts'

export const APP_NAMES = ['waiting-room', 'order-core', 'payment-worker', 'notifier'] as const
export type AppName = (typeof APP_NAMES)[number]

/** The URLs of the apps for an operator's command. */
export interface Apps {
  /** By the app's name, without the apps that are not named. */
  readonly urls: Readonly<Record<string, string>>
  readonly adminToken: string
}

type Environment = Readonly<Record<string, string | undefined>>

export interface FindOptions {
  /** URLs and token of the command line, by option name. */
  readonly given?: Readonly<Record<string, string | undefined>>
  note?(line: string): void
}

const VARIABLES: Readonly<Record<AppName, string>> = {
  'waiting-room': 'WAITING_ROOM_URL',
  'order-core': 'ORDER_CORE_URL',
  'payment-worker': 'PAYMENT_WORKER_URL',
  notifier: 'NOTIFIER_URL',
}
const GROUP_AND_OTHERS = 0o077
/** Error codes of a file that does not exist. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR'])
const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url))

const settingsFile = z.strictObject({
  urls: z.partialRecord(z.enum(APP_NAMES), z.url({ protocol: /^https?$/ })),
  token: z.string().min(1).optional(),
  tokenFile: z.string().min(1).optional(),
})
const runningFile = z.looseObject({
  urls: z.looseObject({
    waitingRoom: z.string(),
    orderCore: z.string(),
    paymentWorker: z.string(),
    notifier: z.string(),
  }),
  adminToken: z.string(),
})

/** The file that is read where `--config` and FLOODGATE_CONFIG name none. */
function defaultSettingsFile(environment: Environment): string {
  return join(environment.XDG_CONFIG_HOME || join(environment.HOME || '/', '.config'), 'floodgate/config.json')
}

/**
 * Finds the apps by the command line, else by the environment, else by the settings file, else those that `npm start` runs:
 * never a mix of them, as a command must not touch the wrong system. Throws {@link UsageError} with what is missing.
 */
export async function findApps(
  environment: Environment,
  { given = {}, note = () => undefined }: FindOptions = {},
): Promise<Apps> {
  if (given.token !== undefined)
    note('Warning: other users of this machine can read a token on the command line. Prefer FLOODGATE_TOKEN.')
  const own = given.token ?? (environment.FLOODGATE_TOKEN || undefined)
  const token = own ?? environment.ADMIN_TOKEN ?? ''
  const named = urlsBy((app) => given[app])
  if (given.config !== undefined && Object.keys(named).length > 0)
    throw new UsageError('--config and URLs exclude each other: the apps of one system come from one source.')
  if (Object.keys(named).length > 0) return withToken(named, token)
  const fromEnvironment = urlsBy((app) => environment[VARIABLES[app]])
  if (given.config === undefined && Object.keys(fromEnvironment).length > 0) return withToken(fromEnvironment, token)
  const path = given.config ?? (environment.FLOODGATE_CONFIG || undefined)
  const fromFile = await readSettings(path ?? defaultSettingsFile(environment), {
    isRequired: path !== undefined,
    note,
  })
  if (fromFile?.token && given.token === undefined && own !== undefined)
    note('FLOODGATE_TOKEN is not used: the settings file has a token.')
  // ADMIN_TOKEN may be that of another system, and a file that has a token means it.
  if (fromFile !== undefined) return withToken(fromFile.urls, given.token ?? (fromFile.token || own || ''))
  return await findRunning(environment.FLOODGATE_DATA || join(REPOSITORY, '.data'), own)
}

function urlsBy(read: (app: AppName) => string | undefined): Record<string, string> {
  return Object.fromEntries(
    APP_NAMES.flatMap((app) => {
      const url = read(app)
      if (url === undefined || url === '') return []
      if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
        throw new UsageError(`The URL of the ${app} is "${url}", which is no http(s) URL.`)
      return [[app, url]]
    }),
  )
}

function withToken(urls: Readonly<Record<string, string>>, adminToken: string): Apps {
  if (adminToken === '')
    throw new UsageError('The token is missing: set FLOODGATE_TOKEN, or the token of the settings file.')
  for (const [app, url] of Object.entries(urls)) {
    const { username, password } = new URL(url)
    // No request can carry it beside the token. The message would show it.
    if (username !== '' || password !== '')
      throw new UsageError(`The URL of the ${app} has a user or a password: the token is the only credential.`)
  }
  if (!/^[\x21-\x7e]+$/.test(adminToken)) throw new UsageError('The token has characters that no token has.')
  return { urls, adminToken }
}

async function readSettings(path: string, { isRequired, note }: { isRequired: boolean; note(line: string): void }) {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    // One that exists is meant: without it the command would touch another system.
    if (isRequired || !ABSENT.has(error.code ?? '')) throw new UsageError(`The settings file ${path} cannot be read.`)
  })
  if (text === undefined) return undefined
  const json = parseJson(text)
  if (json === undefined) throw new UsageError(`The settings file ${path} is invalid: it is no JSON.`)
  const parsed = settingsFile.safeParse(json)
  if (!parsed.success) {
    const [fault] = parsed.error.issues
    throw new UsageError(`The settings file ${path} is invalid: ${fault?.path.join('.')} ${fault?.message}.`)
  }
  const { urls, token, tokenFile } = parsed.data
  if (token !== undefined) await warnIfReadable(path, note)
  const read = tokenFile === undefined ? undefined : await readTokenFile(tokenFile)
  return { urls: urls as Record<string, string>, token: token ?? read ?? '' }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch {
    return undefined
  }
}

async function readTokenFile(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) throw new UsageError(`The token file ${path} cannot be read.`)
  return text.trim()
}

async function warnIfReadable(path: string, note: (line: string) => void): Promise<void> {
  const { mode } = await stat(path)
  if ((mode & GROUP_AND_OTHERS) !== 0)
    note(`Warning: other users can read the token in ${path}. Run: chmod 600 ${path}`)
}

async function findRunning(dataDir: string, token: string | undefined): Promise<Apps> {
  const path = join(dataDir, 'running.json')
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined)
    throw new UsageError('No app is named, and no local system runs: set the URLs (floodgate help), or run npm start.')
  const parsed = runningFile.safeParse(parseJson(text))
  if (!parsed.success)
    throw new UsageError(`${path} is incomplete: run npm start again, or set the URLs (floodgate help).`)
  const { urls, adminToken } = parsed.data
  const { waitingRoom, orderCore, paymentWorker, notifier } = urls
  return {
    urls: { 'waiting-room': waitingRoom, 'order-core': orderCore, 'payment-worker': paymentWorker, notifier },
    adminToken: token ?? adminToken,
  }
}
