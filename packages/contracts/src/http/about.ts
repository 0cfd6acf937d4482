import { z } from 'zod'
import { timestamp } from '../scalars.ts'
import { readiness } from './health.ts'

const figure = z.number().min(0).optional()

/** One process of an app: the one that served the request. */
export const about = z.strictObject({
  app: z.string(),
  version: z.string(),
  /** Of Node. */
  node: z.string(),
  /** Host and process id. */
  process: z.string(),
  startedAt: timestamp,
  /** The clock of the process. */
  now: timestamp,
  /** The settings by their variables; null where unset, `(secret)` for a secret, the ids of its keys for a ring. */
  settings: z.record(z.string(), z.string().nullable()),
  readiness,
  /** What waits, as the metrics of the process have it; absent in an app without an outbox. */
  figures: z.strictObject({ outboxUnsent: figure, outboxOldestSeconds: figure, outboxParked: figure }),
})
export type About = z.infer<typeof about>

/** The tables in which old rows are deleted, with the time of the oldest row. */
export const retentionState = z.strictObject({
  app: z.string(),
  tables: z.array(z.strictObject({ table: z.string(), oldest: timestamp.nullable() })),
})

/** The numbers of deleted rows, by table; without tables of which none could be deleted. */
export const retentionReport = z.strictObject({ app: z.string(), deleted: z.record(z.string(), z.int().min(0)) })
