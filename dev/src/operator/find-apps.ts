import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type AppName, appNames } from '../system/names.ts'
import { repository } from '../system/node-process.ts'

/** The URLs of the apps for an operator's command. */
export interface Apps {
  /** By the app's name, without the apps that the environment does not name. */
  readonly urls: Readonly<Record<string, string>>
  readonly adminToken: string
}

export interface FindOptions {
  /** The apps that the command may call; the variables of the others are not read. */
  readonly apps?: readonly AppName[]
  /** The command needs all of them. */
  readonly all: boolean
}

const VARIABLES: Readonly<Record<AppName, string>> = {
  'waiting-room': 'WAITING_ROOM_URL',
  'order-core': 'ORDER_CORE_URL',
  'payment-worker': 'PAYMENT_WORKER_URL',
  notifier: 'NOTIFIER_URL',
}

const runningFile = z.looseObject({
  urls: z.looseObject({
    waitingRoom: z.string(),
    orderCore: z.string(),
    paymentWorker: z.string(),
    notifier: z.string(),
  }),
  adminToken: z.string(),
})

/**
 * Finds the apps that the environment names, or else those of the local system, never a mix of both: a command must not
 * touch the wrong system. Throws what is missing, or what to do when nothing runs here.
 */
export async function findApps(
  environment: Readonly<Record<string, string | undefined>>,
  { apps = appNames, all }: FindOptions,
): Promise<Apps> {
  const variables = apps.map((app) => VARIABLES[app])
  if (!variables.some((name) => environment[name])) return await findRunning(environment.FLOODGATE_DATA)
  const needed = [...(all ? variables : []), 'ADMIN_TOKEN']
  const missing = needed.filter((name) => !environment[name])
  if (missing.length > 0)
    throw new Error(`${missing.join(', ')} missing: set all variables of the named apps, or none (--help)`)
  const urls = apps.flatMap((app) => {
    const url = environment[VARIABLES[app]]
    return url ? [[app, url] as const] : []
  })
  return { urls: Object.fromEntries(urls), adminToken: environment.ADMIN_TOKEN ?? '' }
}

async function findRunning(dataDir = join(repository, '.data')): Promise<Apps> {
  const file = join(dataDir, 'running.json')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined)
    throw new Error(`no local system runs (${file} is missing): npm start, or name the apps by their URLs (--help)`)
  const { urls, adminToken } = runningFile.parse(JSON.parse(text))
  const { waitingRoom, orderCore, paymentWorker, notifier } = urls
  return {
    urls: { 'waiting-room': waitingRoom, 'order-core': orderCore, 'payment-worker': paymentWorker, notifier },
    adminToken,
  }
}
