import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { joinAnswer } from '@floodgate/contracts'
import { type BenchResult, defineBench } from '../bench.ts'
import { type Standings, takeTurns } from '../load/take-turns.ts'
import { drive, type Load } from '../load/wrk.ts'
import { barPlot } from '../results/plot.ts'
import { onStage } from '../stage/stage.ts'

const sale = 'bench'
const joinersAtOnce = 50
const connections = 32
const statusBar = 0.75
const boardBar = 0.9

/**
 * What a waiter's poll, the public board and a join cost beside a bare Hono server: one process each, on the same machine,
 * taking turns.
 */
export const lineBench = defineBench({
  name: 'line',
  about: "a waiter's poll, the board and a join beside a bare Hono server",
  group: 'compare',
  needs: ['wrk'],
  options: {
    rounds: { about: 'how often each is measured', default: 5, small: 1 },
    seconds: { about: 'how long each time', default: 3, small: 1 },
    waiters: { about: 'how many stand in line before', default: 2_000, small: 200 },
  },
  run: (run) =>
    onStage(run, {}, async ({ system, operator }) => {
      const { values, progress, signal, directory } = run
      const bare = spawn(process.execPath, [join(import.meta.dirname, 'bare-server.ts')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      try {
        const [line] = (await once(bare.stdout, 'data')) as [Buffer]
        const { waitingRoom } = system.urls
        await operator.openSale(sale, { admitPerSecond: 0.1, maxActive: 1, admissionTtlSeconds: 3_600 })
        progress(`${values.waiters} buyers join`)
        const ticket = await fillLine(waitingRoom, values.waiters)
        const closedLoop = { seconds: values.seconds, connections }
        const loads: Readonly<Record<string, Load>> = {
          bare: { url: `${String(line).trim()}/sales/${sale}/ticket`, ...closedLoop },
          status: {
            url: `${waitingRoom}/sales/${sale}/ticket`,
            headers: { authorization: `Bearer ${ticket}` },
            ...closedLoop,
          },
          board: { url: `${waitingRoom}/sales/${sale}/board`, ...closedLoop },
          join: { url: `${waitingRoom}/sales/${sale}/tickets`, method: 'POST', ...closedLoop },
        }
        let failures = 0
        const contestants = Object.entries(loads).map(([name, load]) => ({
          name,
          measure: async () => {
            const measured = await drive(load, directory)
            failures += measured.failures
            return measured.requestsPerSecond
          },
        }))
        const standings = await takeTurns(contestants, { rounds: values.rounds, progress, signal })
        return judge(standings, failures)
      } finally {
        bare.kill()
      }
    }),
})

function judge(standings: Standings, failures: number): BenchResult {
  const rateOf = (name: string) => standings.get(name)?.median ?? 0
  const ofBare = (name: string) => rateOf(name) / rateOf('bare')
  const names = [...standings.keys()]
  const rows = names.map((name) => `| ${name} | ${Math.round(rateOf(name))} | ${ofBare(name).toFixed(2)} |`)
  const bar = (what: string, name: string, least: number) => ({
    what,
    bar: `≥ ${least} × bare Hono`,
    measured: ofBare(name).toFixed(2),
    reached: ofBare(name) >= least,
    kind: 'ratio' as const,
  })
  return {
    title: 'Status, board and join beside a bare server',
    bars: [bar('personal status, not at the front', 'status', statusBar), bar('board', 'board', boardBar)],
    faults: failures === 0 ? [] : [`${failures} failed answers`],
    markdown: `| what | requests/s here | of bare Hono |\n|---|---|---|\n${rows.join('\n')}`,
    plot: barPlot(
      'Requests per second of one process, of a bare Hono',
      names.map((name) => ({
        label: name,
        value: ofBare(name),
        text: ofBare(name).toFixed(2),
        highlight: name !== 'bare',
      })),
    ),
    details: { standings: Object.fromEntries(standings), failures },
  }
}

/** Lets buyers join and answers the last one's ticket: far from the front, as nearly everybody is. */
async function fillLine(waitingRoom: string, waiters: number): Promise<string> {
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
