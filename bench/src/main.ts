import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchStatus, type StatusResult } from './status/status.ts'
import { wrkAtHand } from './wrk.ts'

const help = `npm run bench -- status [--rounds N] [--seconds N] [--waiters N]

  status   a waiter's poll, the board and a join beside a bare Hono server, taking turns; needs wrk (apt-get install wrk)

Results: bench/results/status.json and status.md. How to read them: bench/README.md.
`

const markdown = ({ conditions, medians, failures }: StatusResult): string => {
  const rows = Object.entries(medians).map(
    ([name, { requestsPerSecond, ofBare }]) => `| ${name} | ${Math.round(requestsPerSecond)} | ${ofBare.toFixed(2)} |`,
  )
  const { cores, node, waiters, rounds } = conditions
  return `# Status, board and join beside a bare server

${cores} cores, Node ${node}, one process each, ${waiters} waiting, medians of ${rounds} rounds taking turns, load generator on the
same machine, ${failures} failed answers. Only the ratios travel to another machine.

| what | requests/s here | of bare Hono |
|---|---|---|
${rows.join('\n')}
`
}

const run = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      waiters: { type: 'string', default: '2000' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help || positionals[0] !== 'status') {
    process.stdout.write(help)
    return values.help ? 0 : 2
  }
  if (!(await wrkAtHand())) {
    process.stderr.write('wrk is not here. Install it: apt-get install -y wrk\n')
    return 1
  }
  const result = await benchStatus({
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    waiters: Number(values.waiters),
    onProgress: (line) => process.stdout.write(`· ${line}\n`),
  })
  const results = join(import.meta.dirname, '../results')
  await mkdir(results, { recursive: true })
  await writeFile(join(results, 'status.json'), `${JSON.stringify(result, null, 2)}\n`)
  await writeFile(join(results, 'status.md'), markdown(result))
  process.stdout.write(`\n${markdown(result)}`)
  return result.failures === 0 ? 0 : 1
}

process.exitCode = await run()
