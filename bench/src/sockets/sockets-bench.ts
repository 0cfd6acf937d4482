import { setTimeout as delay } from 'node:timers/promises'
import type { LogEntry } from '@floodgate/contracts'
import { type BenchRun, defineBench } from '../bench.ts'
import { readProcessCost } from '../machine/process-cost.ts'
import { type Holder, joinBuyers } from '../system/join-buyers.ts'
import { type BenchSystem, withSystem } from '../system/system.ts'
import { type ClientReport, type Clients, startClients } from './client-processes.ts'
import { reportSockets } from './report-sockets.ts'
import { settledResidentKib } from './settled-resident.ts'
import { startBareSockets } from './start-bare-sockets.ts'

const SALE = 'sockets'
/** A push that has not arrived within this time counts as lost. */
const LAST_PUSH_MS_MAX = 60_000
const LAST_PUSH_POLL_MS = 500

interface Values {
  readonly sockets: number
  readonly rate: number
  readonly seconds: number
}

/** Measures the memory of ten thousand sockets in one waiting room, and how fast admissions reach them. */
export const socketsBench = defineBench({
  name: 'sockets',
  about: 'ten thousand sockets of one process: memory per socket, and the delay of a pushed admission',
  group: 'cost',
  needs: [],
  options: {
    sockets: { about: 'sockets', default: 10_000, small: 200 },
    rate: { about: 'admissions per second', default: 50 },
    seconds: { about: 'seconds of admissions', default: 15, small: 3 },
  },
  run: (run) => withSystem(run, {}, (system) => runSockets(run, system)),
})

async function runSockets(run: BenchRun<Values>, system: BenchSystem) {
  const { values, progress } = run
  progress(`a bare ws server with ${values.sockets} sockets`)
  const bareKibEach = await bareKib(run)
  progress(`${values.sockets} buyers join`)
  const { operator } = system
  await operator.openSale(SALE, { admitPerSecond: values.rate, maxActive: 100_000, admissionTtlSeconds: 3_600 })
  await operator.act(SALE, 'pause')
  const holders = await joinBuyers(operator.rooms, { sale: SALE, buyers: values.sockets })
  const clients = startClients(values.sockets)
  try {
    return reportSockets({ ...(await pushes(run, { system, holders, clients })), bareKibEach })
  } finally {
    await clients.stop()
  }
}

async function bareKib({ values, signal }: BenchRun<Values>): Promise<number> {
  const clients = startClients(values.sockets)
  const bare = await startBareSockets()
  try {
    const before = await settledResidentKib(bare.pid, signal)
    await clients.open(bare.url, Array<string>(values.sockets).fill('x'))
    return ((await settledResidentKib(bare.pid, signal)) - before) / values.sockets
  } finally {
    await clients.stop()
    bare.stop()
  }
}

async function pushes(
  { values, progress, signal }: BenchRun<Values>,
  { system, holders, clients }: { system: BenchSystem; holders: readonly Holder[]; clients: Clients },
) {
  const { operator } = system
  const pid = system.pidsOf('waiting-room')[0] ?? 0
  const before = await settledResidentKib(pid, signal)
  progress(`${values.sockets} sockets open`)
  const url = `${system.urls.waitingRoom.replace('http', 'ws')}/sales/${SALE}/live`
  const tickets = holders.map(({ ticket }) => ticket)
  const unopened = await clients.open(url, tickets)
  const after = await settledResidentKib(pid, signal)
  const cpuWaiting = await cpuPercent(pid, () => delay(values.seconds * 1_000, undefined, { signal }))
  progress(`admitting ${values.rate} buyers per second`)
  await operator.act(SALE, 'resume')
  const cpuAdmitting = await cpuPercent(pid, () => delay(values.seconds * 1_000, undefined, { signal }))
  await operator.act(SALE, 'pause')
  const { report, admitted } = await lastPush({ operator, clients, signal })
  return {
    sockets: values.sockets,
    admitPerSecond: values.rate,
    kibEach: (after - before) / values.sockets,
    delaysMs: delaysOf(report, { holders, admitted }),
    admissions: admitted.length,
    failed: unopened + report.lost,
    cpuWaiting,
    cpuAdmitting,
  }
}

/** Compares the log with what the sockets received, until they agree. */
async function lastPush(of: {
  readonly operator: BenchSystem['operator']
  readonly clients: Clients
  readonly signal: AbortSignal
}): Promise<{ readonly report: ClientReport; readonly admitted: readonly LogEntry[] }> {
  for (const deadline = performance.now() + LAST_PUSH_MS_MAX; ; ) {
    await delay(LAST_PUSH_POLL_MS, undefined, { signal: of.signal })
    const admitted = (await of.operator.log(SALE)).filter(({ kind }) => kind === 'admitted')
    const report = await of.clients.report()
    if (report.admitted.length >= admitted.length || performance.now() > deadline) return { report, admitted }
  }
}

/** Returns the times from the log to the arrival at the client of that place. */
function delaysOf(
  { admitted }: ClientReport,
  { holders, admitted: entries }: { holders: readonly Holder[]; admitted: readonly LogEntry[] },
): number[] {
  const admittedAt = new Map(entries.map(({ place, at }) => [place, Date.parse(at)]))
  return admitted.flatMap(({ index, atMs }) => {
    const since = admittedAt.get(holders[index]?.place)
    return since === undefined ? [] : [atMs - since]
  })
}

async function cpuPercent(pid: number, meanwhile: () => Promise<unknown>): Promise<number> {
  const before = { ...(await readProcessCost(pid)), atMs: performance.now() }
  await meanwhile()
  const { cpuMs } = await readProcessCost(pid)
  return ((cpuMs - before.cpuMs) / (performance.now() - before.atMs)) * 100
}
