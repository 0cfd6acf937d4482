// A relay process that kills itself between publish and mark; the table `published` contains the published events.
import { createPool } from '@floodgate/database'
import { createRelay } from '../relay.ts'
import { createRecordingLog } from './recording-bus.ts'

const databaseUrl = process.argv[2] ?? ''
const pool = createPool(databaseUrl, { max: 2 })

createRelay({
  schema: 'payments',
  source: '/floodgate/payment-worker',
  databaseUrl,
  pool,
  log: createRecordingLog(),
  bus: {
    async publish(events) {
      const ids = events.map((event) => event.headers.ce_id)
      await pool.query('insert into published select * from unnest($1::text[])', [ids])
    },
  },
  reachFailPoint: async () => {
    process.kill(process.pid, 'SIGKILL')
    await new Promise<never>(() => undefined)
  },
}).start()
