import { parseArgs } from 'node:util'
import { findApps } from '@floodgate/command'
import { assertPortFree } from '@floodgate/processes'
import { onStopRequests } from '../start/signals.ts'
import { exampleNames, isExampleName } from './names.ts'
import { openExampleSale } from './open-sale.ts'
import { prepareExamples } from './prepare.ts'
import { startExample } from './start.ts'

const PORT = 8_080
const USAGE = `npm run example -- ${exampleNames.join('|')} [--port ${PORT}] [--sale shop-NAME]    runs a shop of examples/

Its checkout is behind the line of the running system (npm start, or WAITING_ROOM_URL with ADMIN_TOKEN). Opens a sale that
lets one buyer in at a time and sends it back to this shop. Installs what the shop needs into .cache/examples.
`

async function run(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { port: { type: 'string' }, sale: { type: 'string' }, help: { type: 'boolean' } },
    allowPositionals: true,
  })
  const [name, ...others] = positionals
  const port = Number(values.port ?? PORT)
  const isUsable = isExampleName(name) && others.length === 0 && Number.isInteger(port) && port > 0 && port < 65_536
  if (values.help === true || !isUsable) {
    process.stdout.write(USAGE)
    return values.help === true ? 0 : 2
  }
  const print = (line: string): void => void process.stdout.write(`${line}\n`)
  const stopping = new AbortController()
  const stopped = new Promise<'stopped'>((resolve) => {
    stopping.signal.addEventListener('abort', () => resolve('stopped'), { once: true })
  })
  onStopRequests(
    () => stopping.abort(),
    () => process.exit(1),
  )

  const sale = values.sale ?? `shop-${name}`
  const apps = await findApps(process.env)
  const queueUrl = apps.urls['waiting-room'] ?? ''
  await assertPortFree(port, '127.0.0.1')
  await openExampleSale(apps, { sale, shopUrl: `http://localhost:${port}` })
  const progress = { signal: stopping.signal, onProgress: (line: string) => print(`· ${line}`) }
  const [prepared] = await prepareExamples([name], progress)
  if (prepared === undefined) return 1
  const shop = await startExample(prepared, { queueUrl, sale, port, onLine: print })
  print(
    `✓ The shop is open at ${shop.url}, its line at ${queueUrl}/sales/${sale}. A second browser waits for the first.`,
  )
  const ended = await Promise.race([stopped, shop.exited])
  await shop.stop()
  return ended === 'stopped' ? 0 : 1
}

process.exitCode = await run().catch((error: unknown) => {
  process.stderr.write(`The shop could not be run: ${error instanceof Error ? error.message : String(error)}\n`)
  return 2
})
