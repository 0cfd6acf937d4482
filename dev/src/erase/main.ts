import { parseArgs } from 'node:util'
import { findApps } from '../operator/find-apps.ts'
import { describeErasure } from './describe-erasure.ts'
import { buyerIn, eraseBuyer } from './erase-buyer.ts'

const USAGE = `npm run erase -- --buyer BUYER [--sale SALE]                      erases one buyer from all apps, in one sale or in all
npm run erase -- --issuer ISSUER --subject SUBJECT [--sale SALE]  the same for an account of the shop: the iss and sub of its ID tokens

Asks the running system (its data directory: FLOODGATE_DATA, default .data), or the apps at WAITING_ROOM_URL, ORDER_CORE_URL,
PAYMENT_WORKER_URL and NOTIFIER_URL with ADMIN_TOKEN (all five, or none). Repeat it as often as you like; what was cut off goes on.

Exit codes: 0 nothing is left, 1 something has to stay for now: repeat it later, 2 an app could not be asked, or is not named.
`

async function run(): Promise<number> {
  const { values } = parseArgs({
    options: {
      ...{ buyer: { type: 'string' }, issuer: { type: 'string' }, subject: { type: 'string' } },
      ...{ sale: { type: 'string' }, help: { type: 'boolean' } },
    },
  })
  const buyer = buyerIn(values)
  if (values.help === true || buyer === undefined) {
    process.stdout.write(USAGE)
    return values.help === true ? 0 : 2
  }
  const apps = await findApps(process.env, { all: true })
  const erasure = await eraseBuyer(apps, { who: { buyer, sale: values.sale } })
  process.stdout.write(describeErasure(erasure, apps))
  return erasure.remaining.length === 0 ? 0 : 1
}

process.exitCode = await run().catch((error: unknown) => {
  process.stderr.write(`The buyer could not be erased: ${error instanceof Error ? error.message : String(error)}\n`)
  return 2
})
