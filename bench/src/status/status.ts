import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { joinAnswer } from '@floodgate/contracts'
import { startSystem } from '@floodgate/dev/system'
import { median } from '../median.ts'
import { drive, type Load } from '../wrk.ts'

export interface StatusBench {
  readonly rounds: number
  readonly seconds: number
  readonly waiters: number
  readonly onProgress: (line: string) => void
}

export interface StatusResult {
  readonly conditions: {
    readonly cores: number
    readonly node: string
    readonly waiters: number
    readonly rounds: number
  }
  /** Medians over the rounds, and the ratio to the bare server of the same rounds. */
  readonly medians: Readonly<Record<string, { readonly requestsPerSecond: number; readonly ofBare: number }>>
  readonly failures: number
}

const sale = 'bench'
const joinersAtOnce = 50
const connections = 32

/**
 * What a waiter's poll, the public board and a join cost beside a bare Hono server: one process each, on the same machine,
 * taking turns, so that whatever else the machine does hits all of them.
 */
export const benchStatus = async (bench: StatusBench): Promise<StatusResult> => {
  const directory = await mkdtemp(join(tmpdir(), 'floodgate-bench-'))
  bench.onProgress('starting a system of its own')
  const system = await startSystem({
    dataDir: join(directory, 'data'),
    ports: 'free',
    durable: false,
    endWithParent: true,
  })
  const bare = spawn(process.execPath, [join(import.meta.dirname, '../bare-server.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [line] = (await once(bare.stdout, 'data')) as [Buffer]
    const { waitingRoom } = system.urls
    await openSale(waitingRoom, system.adminToken)
    bench.onProgress(`${bench.waiters} buyers join`)
    const ticket = await fillLine(waitingRoom, bench.waiters)
    const seconds = { seconds: bench.seconds, connections }
    const loads: Readonly<Record<string, Load>> = {
      bare: { url: `${String(line).trim()}/sales/${sale}/ticket`, ...seconds },
      status: {
        url: `${waitingRoom}/sales/${sale}/ticket`,
        headers: { authorization: `Bearer ${ticket}` },
        ...seconds,
      },
      board: { url: `${waitingRoom}/sales/${sale}/board`, ...seconds },
      join: { url: `${waitingRoom}/sales/${sale}/tickets`, method: 'POST', ...seconds },
    }
    return await takeTurns(bench, loads, directory)
  } finally {
    bare.kill()
    await system.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

const takeTurns = async (
  bench: StatusBench,
  loads: Readonly<Record<string, Load>>,
  directory: string,
): Promise<StatusResult> => {
  const rates = new Map<string, number[]>(Object.keys(loads).map((name) => [name, []]))
  let failures = 0
  for (let round = 1; round <= bench.rounds; round += 1) {
    for (const [name, load] of Object.entries(loads)) {
      const measured = await drive(load, directory)
      rates.get(name)?.push(measured.requestsPerSecond)
      failures += measured.failures
      bench.onProgress(`round ${round} of ${bench.rounds}: ${name} ${Math.round(measured.requestsPerSecond)}/s`)
    }
  }
  const bare = median(rates.get('bare') ?? [])
  const medians = [...rates].map(([name, values]) => {
    const requestsPerSecond = median(values)
    return [name, { requestsPerSecond, ofBare: requestsPerSecond / bare }] as const
  })
  const { waiters, rounds } = bench
  const conditions = { cores: cpus().length, node: process.version, waiters, rounds }
  return { conditions, medians: Object.fromEntries(medians), failures }
}

const openSale = async (waitingRoom: string, adminToken: string): Promise<void> => {
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }
  const settings = { name: 'Bench', admitPerSecond: 0.1, maxActive: 1, admissionTtlSeconds: 3_600 }
  const body = JSON.stringify(settings)
  await fetch(`${waitingRoom}/admin/sales/${sale}`, { method: 'PUT', headers, body })
  await fetch(`${waitingRoom}/admin/sales/${sale}/open`, { method: 'POST', headers })
}

/** Lets buyers join and answers the last one's ticket: far from the front, as nearly everybody is. */
const fillLine = async (waitingRoom: string, waiters: number): Promise<string> => {
  let ticket = ''
  for (let joined = 0; joined < waiters; joined += joinersAtOnce) {
    const answers = await Promise.all(
      Array.from({ length: Math.min(joinersAtOnce, waiters - joined) }, async () => {
        const answer = await fetch(`${waitingRoom}/sales/${sale}/tickets`, { method: 'POST' })
        return joinAnswer.parse(await answer.json())
      }),
    )
    ticket = answers.at(-1)?.ticket ?? ticket
  }
  return ticket
}
