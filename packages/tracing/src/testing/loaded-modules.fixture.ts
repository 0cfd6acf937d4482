import { createRequire } from 'node:module'
import { type ExportOptions, NO_TRACING, openTracing } from '../index.ts'

const URL = process.argv[2]

// Prints how many files of OpenTelemetry this process has loaded once its tracing is open.
const options: Omit<ExportOptions, 'url'> = {
  ...{ headers: {}, timeoutMs: 1_000, compression: 'none', resource: {}, sampler: 'always_on', samplerRatio: 1 },
  ...{ queueMax: 1, batchMax: 1, delayMs: 10, onExported() {}, onDropped() {} },
}
const tracing = await openTracing(URL === undefined ? undefined : { url: URL, ...options })
const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes('opentelemetry'))
process.stdout.write(JSON.stringify({ isOff: tracing === NO_TRACING, loaded: loaded.length }))
