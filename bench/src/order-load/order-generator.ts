// Sends orders, claims or requests for reminders, each once, or reads, and prints a report as JSON. A separate process, so that its CPU can be measured.
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { openConnection } from './connection.ts'
import { type OrderJob, type OrderReport, orderJob } from './job.ts'
import { closedLoop, openLoop, type Sent } from './loops.ts'
import { percentile } from './percentile.ts'
import { createClaimSeries } from './prepare-claims.ts'
import { createOrderSeries, preparedOrder } from './prepare-orders.ts'
import { reminderOf } from './prepare-reminders.ts'
import { claimBytes, readBytes, reminderBytes, requestBytes } from './request-bytes.ts'

const [jobFile] = process.argv.slice(2)
if (jobFile === undefined) throw new Error('Usage: order-generator.ts JOB.json')
const job = orderJob.parse(JSON.parse(await readFile(jobFile, 'utf8')))
process.stdout.write(`${JSON.stringify(await send(job))}\n`)

async function send(job: OrderJob): Promise<OrderReport> {
  const { urls, connections, secondsMax, perSecond, stages } = job
  const addresses = urls.map((url) => new URL(url))
  // First, since it may take seconds: a server closes connections that send nothing.
  const next = await requestsOf(job, addresses[0]?.host ?? '')
  const open = await Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      const address = addresses[index % addresses.length]
      if (address === undefined) throw new Error('No address to send to.')
      return openConnection(address)
    }),
  )
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const load = { connections: open, next, msMax: secondsMax * 1_000 }
  const sent = await (perSecond === undefined
    ? closedLoop({ ...load, ...(stages === undefined ? {} : { stages }) })
    : openLoop({ ...load, perSecond }))
  const { user, system } = process.cpuUsage(cpuBefore)
  for (const connection of open) connection.close()
  return report(sent, { elapsedMs: performance.now() - startedAt, cpuMs: (user + system) / 1_000 })
}

async function requestsOf(job: OrderJob, host: string): Promise<() => Buffer | undefined> {
  let number = -1
  const requestOf = await sourceOf(job, host)
  return function nextRequest() {
    number += 1
    return requestOf(number)
  }
}

async function sourceOf(
  { ordersFile, series, claims, reminders, count = Number.POSITIVE_INFINITY, path }: OrderJob,
  host: string,
): Promise<(number: number) => Buffer | undefined> {
  if (ordersFile !== undefined) {
    const orders = z.array(preparedOrder).parse(JSON.parse(await readFile(ordersFile, 'utf8')))
    const requests = orders.map((order) => requestBytes(order, host))
    return function preparedRequest(number) {
      return requests[number]
    }
  }
  if (series !== undefined) {
    const orderOf = await createOrderSeries(series)
    const orderBytes = (number: number) => requestBytes(orderOf(number), host)
    // Signing them during the load would take processor time from the system.
    return Number.isFinite(count) ? madeBefore(count, orderBytes) : orderBytes
  }
  if (claims !== undefined) {
    const claimOf = await createClaimSeries(claims)
    return madeBefore(count, (number) => claimBytes(claimOf(number), host))
  }
  if (reminders !== undefined) return madeBefore(count, (number) => reminderBytes(reminderOf(reminders, number), host))
  if (path === undefined) throw new Error('The job has neither orders, nor claims, nor reminders, nor a path.')
  const read = readBytes(path, host)
  return function readRequest() {
    return read
  }
}

/** Makes so many requests now, to be sent in turn. */
function madeBefore(count: number, make: (number: number) => Buffer): (number: number) => Buffer | undefined {
  if (!Number.isFinite(count)) throw new Error('Claims and reminders have a count.')
  const requests = Array.from({ length: count }, (_, number) => make(number))
  return function madeRequest(number) {
    return requests[number]
  }
}

function report(sent: readonly Sent[], spent: { readonly elapsedMs: number; readonly cpuMs: number }): OrderReport {
  const byStatus = Object.entries(Object.groupBy(sent, ({ status }) => status)).map(([status, responses = []]) => ({
    status,
    times: responses.map(({ ms }) => ms),
  }))
  const ms = sent.map((each) => each.ms)
  const late = sent.map((each) => each.lateMs)
  return {
    ...spent,
    statuses: Object.fromEntries(byStatus.map(({ status, times }) => [status, times.length])),
    meanMs: ms.reduce((sum, each) => sum + each, 0) / Math.max(1, ms.length),
    maxMs: percentile(ms, 1),
    p50Ms: percentile(ms, 0.5),
    p95Ms: percentile(ms, 0.95),
    p99Ms: percentile(ms, 0.99),
    p95MsByStatus: Object.fromEntries(byStatus.map(({ status, times }) => [status, percentile(times, 0.95)])),
    lateP99Ms: percentile(late, 0.99),
    lateMaxMs: percentile(late, 1),
  }
}
