import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { repository } from '../system/node-process.ts'
import { type Apps, type Erasure, eraseBuyer } from './erase-buyer.ts'

const USAGE = `npm run erase -- --buyer BUYER [--sale SALE]    erases one buyer from all apps, in one sale or in all

Asks the running system (its data directory: FLOODGATE_DATA, default .data), or the apps at WAITING_ROOM_URL, ORDER_CORE_URL,
PAYMENT_WORKER_URL and NOTIFIER_URL with ADMIN_TOKEN. Repeat it as often as you like; what was cut off goes on.

Exit codes: 0 nothing is left, 1 something has to stay for now: repeat it later, 2 an app could not be asked.
`
const running = z.looseObject({
  urls: z.looseObject({
    waitingRoom: z.string(),
    orderCore: z.string(),
    paymentWorker: z.string(),
    notifier: z.string(),
  }),
  adminToken: z.string(),
})

async function findApps(): Promise<{ apps: Apps; adminToken: string }> {
  const { WAITING_ROOM_URL, ORDER_CORE_URL, PAYMENT_WORKER_URL, NOTIFIER_URL, ADMIN_TOKEN, FLOODGATE_DATA } =
    process.env
  if (WAITING_ROOM_URL && ORDER_CORE_URL && PAYMENT_WORKER_URL && NOTIFIER_URL && ADMIN_TOKEN) {
    const [waitingRoom, orderCore] = [WAITING_ROOM_URL, ORDER_CORE_URL]
    const apps = { waitingRoom, orderCore, paymentWorker: PAYMENT_WORKER_URL, notifier: NOTIFIER_URL }
    return { apps, adminToken: ADMIN_TOKEN }
  }
  const file = join(FLOODGATE_DATA ?? join(repository, '.data'), 'running.json')
  const system = running.parse(JSON.parse(await readFile(file, 'utf8')))
  return { apps: system.urls, adminToken: system.adminToken }
}

function describe({ reports, remaining }: Erasure): string {
  const lines = reports.flatMap(({ app, erased }) =>
    Object.entries(erased).map(([table, rows]) => `${app.padEnd(15)} ${table.padEnd(22)} ${rows} erased`),
  )
  const left = remaining.map(({ what, why }) => `stays for now: ${what}: ${why}`)
  return `${[...lines, ...left].join('\n')}\n`
}

async function run(): Promise<number> {
  const { values } = parseArgs({
    options: { buyer: { type: 'string' }, sale: { type: 'string' }, help: { type: 'boolean' } },
  })
  if (values.help === true || values.buyer === undefined) {
    process.stdout.write(USAGE)
    return values.help === true ? 0 : 2
  }
  const { apps, adminToken } = await findApps()
  const erasure = await eraseBuyer(apps, { who: { buyer: values.buyer, sale: values.sale }, adminToken })
  process.stdout.write(describe(erasure))
  return erasure.remaining.length === 0 ? 0 : 1
}

process.exitCode = await run().catch((error: unknown) => {
  process.stderr.write(`The buyer could not be erased: ${error instanceof Error ? error.message : String(error)}\n`)
  return 2
})
