import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { repository } from '../system/node-process.ts'

/** Where the apps are, by the first word of their groups. */
export interface Apps {
  readonly urls: Readonly<Record<string, string>>
  readonly adminToken: string
}

const VARIABLES = {
  'waiting-room': 'WAITING_ROOM_URL',
  'order-core': 'ORDER_CORE_URL',
  'payment-worker': 'PAYMENT_WORKER_URL',
  notifier: 'NOTIFIER_URL',
} as const

const running = z.looseObject({
  urls: z.looseObject({
    waitingRoom: z.string(),
    orderCore: z.string(),
    paymentWorker: z.string(),
    notifier: z.string(),
  }),
  adminToken: z.string(),
})

/** From the environment when it names an app, else from the running system's file. Throws what to do when there is neither. */
export async function findApps(environment: Readonly<Record<string, string | undefined>>): Promise<Apps> {
  const named = Object.entries(VARIABLES).flatMap(([app, variable]) => {
    const url = environment[variable]
    return url ? [[app, url] as const] : []
  })
  if (named.length > 0) {
    const adminToken = environment.ADMIN_TOKEN
    if (!adminToken) throw new Error('ADMIN_TOKEN is missing: with the URL of an app, its operator token is needed.')
    return { urls: Object.fromEntries(named), adminToken }
  }
  const file = join(environment.FLOODGATE_DATA ?? join(repository, '.data'), 'running.json')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined)
    throw new Error(`nothing runs here (${file} is missing): npm start, or name the apps by their URLs (--help)`)
  const { urls, adminToken } = running.parse(JSON.parse(text))
  const { waitingRoom, orderCore, paymentWorker, notifier } = urls
  return {
    urls: { 'waiting-room': waitingRoom, 'order-core': orderCore, 'payment-worker': paymentWorker, notifier },
    adminToken,
  }
}
