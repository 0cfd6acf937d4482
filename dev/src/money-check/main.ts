import { bodyOf } from '@floodgate/client'
import { paymentWorkerRoutes } from '@floodgate/contracts'
import { createAppClient } from '../operator/app-client.ts'
import { findApps } from '../operator/find-apps.ts'
import { describeMoney } from './describe-money.ts'

const USAGE = `npm run money-check    compares every charge at the provider with orders and refunds; exit code 1 when they differ

Asks the running system (its data directory: FLOODGATE_DATA, default .data), or the payment worker at PAYMENT_WORKER_URL
with ADMIN_TOKEN. Exit code 2: it could not be asked.
`

async function check(): Promise<number> {
  const apps = await findApps(process.env, { apps: ['payment-worker'], all: true })
  const worker = createAppClient(apps, { app: 'payment-worker', routes: paymentWorkerRoutes })
  const result = await bodyOf(worker.checkMoney())
  process.stdout.write(describeMoney(result))
  return result.ok ? 0 : 1
}

if (process.argv.includes('--help')) process.stdout.write(USAGE)
else
  process.exitCode = await check().catch((error: unknown) => {
    process.stderr.write(`The money could not be checked: ${error instanceof Error ? error.message : String(error)}\n`)
    return 2
  })
