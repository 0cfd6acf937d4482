// Sends prepared orders, each once, and prints a report as JSON. A separate process, so that its CPU can be measured.
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { openConnection } from './connection.ts'
import { type OrderJob, type OrderReport, orderJob } from './job.ts'
import { closedLoop, openLoop, type Sent } from './loops.ts'
import { percentile } from './percentile.ts'
import { preparedOrder } from './prepare-orders.ts'
import { requestBytes } from './request-bytes.ts'

const [jobFile] = process.argv.slice(2)
if (jobFile === undefined) throw new Error('Usage: order-generator.ts JOB.json')
const job = orderJob.parse(JSON.parse(await readFile(jobFile, 'utf8')))
process.stdout.write(`${JSON.stringify(await send(job))}\n`)

async function send({ urls, ordersFile, connections, secondsMax, perSecond }: OrderJob): Promise<OrderReport> {
  const orders = z.array(preparedOrder).parse(JSON.parse(await readFile(ordersFile, 'utf8')))
  const addresses = urls.map((url) => new URL(url))
  const open = await Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      const address = addresses[index % addresses.length]
      if (address === undefined) throw new Error('No address to send to.')
      return openConnection(address)
    }),
  )
  const requests = orders.map((order) => requestBytes(order, addresses[0]?.host ?? ''))
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const load = { connections: open, requests, msMax: secondsMax * 1_000 }
  const sent = await (perSecond === undefined ? closedLoop(load) : openLoop({ ...load, perSecond }))
  const { user, system } = process.cpuUsage(cpuBefore)
  for (const connection of open) connection.close()
  return report(sent, { elapsedMs: performance.now() - startedAt, cpuMs: (user + system) / 1_000 })
}

function report(sent: readonly Sent[], spent: { readonly elapsedMs: number; readonly cpuMs: number }): OrderReport {
  const statuses: Record<string, number> = {}
  for (const { status } of sent) statuses[status] = (statuses[status] ?? 0) + 1
  const ms = sent.map((each) => each.ms)
  const late = sent.map((each) => each.lateMs)
  return {
    ...spent,
    statuses,
    p50Ms: percentile(ms, 0.5),
    p95Ms: percentile(ms, 0.95),
    p99Ms: percentile(ms, 0.99),
    lateP99Ms: percentile(late, 0.99),
    lateMaxMs: percentile(late, 1),
  }
}
