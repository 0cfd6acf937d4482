import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { migrate } from '@floodgate/database'
import { startPostgres, startRedis } from '@floodgate/local-servers'
import { freePort } from '@floodgate/processes'
import { defineBench } from '../bench.ts'
import { archiveRun, reportArchive } from './report-archive.ts'

const run = promisify(execFile)
const SCRIPT = join(import.meta.dirname, '../../../apps/waiting-room/src/testing/measure-archive.ts')
const OUTPUT_BYTES_MAX = 1024 ** 2

/**
 * Measures how fast one process archives the log of admissions, compared to a plain insert of the same rows, on its own
 * servers.
 */
export const archiveBench = defineBench({
  name: 'archive',
  about: 'copying and summing the log of a line, compared to a plain INSERT of the same rows',
  group: 'compare',
  needs: [],
  options: {
    admissions: { about: 'admissions in the log, each with its return', default: 100_000, small: 5_000 },
    rounds: { about: 'rounds of each method', default: 5, small: 1 },
    durable: { about: 'Postgres waits for the disk', default: true, small: false },
  },
  async run({ values, directory, progress, signal }) {
    progress('starting a separate Redis and Postgres')
    const redis = await startRedis({ dataDir: join(directory, 'redis'), port: await freePort() })
    try {
      const password = 'bench'
      const place = { dataDir: join(directory, 'postgres'), port: await freePort() }
      const postgres = await startPostgres({ ...place, password, durable: values.durable })
      try {
        await migrate(postgres.url)
        progress(`${values.admissions.toLocaleString('en')} admissions are written, archived, and inserted`)
        const words = [SCRIPT, redis.url, postgres.url, String(values.admissions), String(values.rounds)]
        const { stdout } = await run(process.execPath, words, { signal, maxBuffer: OUTPUT_BYTES_MAX })
        return reportArchive(archiveRun.parse(JSON.parse(stdout)))
      } finally {
        await postgres.stop()
      }
    } finally {
      await redis.stop()
    }
  },
})
