import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { repository } from '../system/node-process.ts'
import type { Apps } from './erase-buyer.ts'

const VARIABLES = {
  waitingRoom: 'WAITING_ROOM_URL',
  orderCore: 'ORDER_CORE_URL',
  paymentWorker: 'PAYMENT_WORKER_URL',
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

/** From the environment when it names an app, else from the running system's file. Never from both: a buyer is erased everywhere. */
export async function findApps(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ apps: Apps; adminToken: string }> {
  const variables = Object.values(VARIABLES)
  if (variables.some((name) => environment[name])) {
    const missing = [...variables, 'ADMIN_TOKEN'].filter((name) => !environment[name])
    if (missing.length > 0) throw new Error(`${missing.join(', ')} missing: set all of them, or none (--help)`)
    const urlOf = (app: keyof Apps) => environment[VARIABLES[app]] ?? ''
    const apps = {
      ...{ waitingRoom: urlOf('waitingRoom'), orderCore: urlOf('orderCore') },
      ...{ paymentWorker: urlOf('paymentWorker'), notifier: urlOf('notifier') },
    }
    return { apps, adminToken: environment.ADMIN_TOKEN ?? '' }
  }
  const file = join(environment.FLOODGATE_DATA ?? join(repository, '.data'), 'running.json')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined)
    throw new Error(`nothing runs here (${file} is missing): npm start, or name the apps by their URLs (--help)`)
  const { urls, adminToken } = running.parse(JSON.parse(text))
  const { waitingRoom, orderCore, paymentWorker, notifier } = urls
  return { apps: { waitingRoom, orderCore, paymentWorker, notifier }, adminToken }
}
