import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { moneyCheck } from '@floodgate/contracts'
import { z } from 'zod'
import { repository } from '../system/node-process.ts'
import { describeMoney } from './describe-money.ts'

const USAGE = `npm run money-check    compares every charge at the provider with orders and refunds; exit code 1 when they differ

Asks the running system (its data directory: FLOODGATE_DATA, default .data), or the payment worker at PAYMENT_WORKER_URL
with ADMIN_TOKEN. Exit code 2: it could not be asked.
`

const running = z.looseObject({ urls: z.looseObject({ paymentWorker: z.string() }), adminToken: z.string() })

async function findWorker(): Promise<{ url: string; adminToken: string }> {
  const { PAYMENT_WORKER_URL: url, ADMIN_TOKEN: adminToken, FLOODGATE_DATA: dataDir } = process.env
  if (url && adminToken) return { url, adminToken }
  if (url) throw new Error('ADMIN_TOKEN is missing: with PAYMENT_WORKER_URL, its operator token is needed.')
  const file = join(dataDir ?? join(repository, '.data'), 'running.json')
  const system = running.parse(JSON.parse(await readFile(file, 'utf8')))
  return { url: system.urls.paymentWorker, adminToken: system.adminToken }
}

async function check(): Promise<number> {
  const { url, adminToken } = await findWorker()
  const headers = { authorization: `Bearer ${adminToken}` }
  const response = await fetch(new URL('/admin/money-check', url), { headers })
  if (!response.ok) throw new Error(`the payment worker answered ${response.status}: ${await response.text()}`)
  const result = moneyCheck.parse(await response.json())
  process.stdout.write(describeMoney(result))
  return result.ok ? 0 : 1
}

if (process.argv.includes('--help')) process.stdout.write(USAGE)
else
  process.exitCode = await check().catch((error: unknown) => {
    process.stderr.write(`The money could not be checked: ${error instanceof Error ? error.message : String(error)}\n`)
    return 2
  })
