import { join } from 'node:path'
import { repository } from '../system/node-process.ts'
import { formatTrace } from './format-trace.ts'
import { readTrace } from './read-trace.ts'

const [order] = process.argv.slice(2)
if (order === undefined || order === '--help') {
  process.stderr.write("npm run trace -- ORDER    prints an order's way through all apps, from the logs\n")
  process.exitCode = order === undefined ? 2 : 0
} else {
  const dataDir = process.env.FLOODGATE_DATA ?? join(repository, '.data')
  const steps = await readTrace(dataDir, order).catch(() => [])
  process.stdout.write(`${formatTrace(order, steps)}\n`)
  process.exitCode = steps.length === 0 ? 1 : 0
}
