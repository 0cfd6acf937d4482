import { z } from 'zod'
import { instant, languageTag, saleId, text, timestamp } from '../scalars.ts'
import { frameOrigins } from './frame-origins.ts'

export const saleState = z.enum(['scheduled', 'open', 'paused', 'closed'])
export type SaleState = z.infer<typeof saleState>

/** `recovering`: the line's Redis was lost; for half a minute places are put back and nobody is admitted. */
export const publicSaleState = z.enum([...saleState.options, 'recovering'])
export type PublicSaleState = z.infer<typeof publicSaleState>

/** How much longer a turn is after its buyer asked for more time. */
export const EXTENSION_SECONDS = 60
export const EXTENSIONS_MAX = 10
/** Of a sale that was made before there were any. */
export const EXTENSIONS_DEFAULT = 2
/** No pass is longer, whatever its sale allows. */
export const TURN_SECONDS_MAX = 86_400

export const saleSettings = z.strictObject({
  name: text(200),
  admitPerSecond: z.number().min(0.1).max(10_000),
  maxActive: z.int().min(1).max(1_000_000),
  admissionTtlSeconds: z.int().min(10).max(TURN_SECONDS_MAX),
  /** An admitted buyer has to show up within this time, or its slot goes to the next one; 0 = no limit. */
  claimSeconds: z
    .int()
    .min(0)
    .max(3_600)
    .refine((seconds) => seconds === 0 || seconds >= 20, 'must be 0 or at least 20: buyers report every 15 s')
    .meta({ anyOf: [{ const: 0 }, { minimum: 20 }] })
    .default(60),
  /** A buyer who was absent when its turn came may come back this long. */
  returnSeconds: z.int().min(0).max(86_400).default(600),
  extensionsMax: z
    .int()
    .min(0)
    .max(EXTENSIONS_MAX)
    .default(EXTENSIONS_DEFAULT)
    .describe('How often a buyer may make its turn a minute longer, while no order is placed in it; 0 = never'),
  opensAt: instant.nullish(),
  closesAt: instant.nullish(),
  frameOrigins,
  /** The waiting room takes only those it has texts in. */
  language: languageTag
    .nullable()
    .default(null)
    .describe("Of pages, mails and problem titles for buyers; null: by each buyer's `Accept-Language`, then English"),
})
export type SaleSettings = z.infer<typeof saleSettings>
export type SaleSettingsInput = z.input<typeof saleSettings>

/** Body of the PUT of a sale: its settings, and under which conditions they apply. */
export const salePut = saleSettings.extend({
  version: z
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('Applies only to this version of the sale (0: only if it does not exist), else `version-conflict`'),
  force: z
    .boolean()
    .optional()
    .describe('Accepts a new `opensAt` or `closesAt` in the past, which takes effect at once. Without it: `time-past`'),
})
export type SalePut = z.infer<typeof salePut>
/** As a client sends it: what has a default may be left out. */
export type SalePutInput = z.input<typeof salePut>

export const saleCounts = z.strictObject({
  joined: z.int().min(0),
  waiting: z.int().min(0),
  away: z.int().min(0),
  active: z.int().min(0),
  admitted: z.int().min(0),
  returned: z.int().min(0),
})
export type SaleCounts = z.infer<typeof saleCounts>

/** How well the line keeps its promises. */
export const saleFairness = z.strictObject({
  /** How long the first in line has waited; null while nobody waits. */
  oldestWaiterSeconds: z.number().min(0).nullable(),
  /** Admissions against the rate over the last ten seconds in which present buyers waited and slots were free: 0 is exact, -0.1 a tenth too few. */
  rateError: z.number().nullable(),
  /** Longest time without an admission although somebody was due. */
  longestStallSeconds: z.number().min(0),
  /** Buyers overtaken although they reported as told: should be 0. */
  inversions: z.int().min(0),
  /** Buyers passed over as absent who came back within an interval: should be 0. */
  setAsideTooSoon: z.int().min(0),
})
export type SaleFairness = z.infer<typeof saleFairness>

export const saleResource = z.strictObject({
  id: saleId,
  name: z.string(),
  state: saleState,
  admitPerSecond: z.number(),
  maxActive: z.int(),
  admissionTtlSeconds: z.int(),
  claimSeconds: z.int(),
  returnSeconds: z.int(),
  extensionsMax: z.int(),
  opensAt: timestamp.nullable(),
  closesAt: timestamp.nullable(),
  frameOrigins: z.array(z.string()),
  language: languageTag.nullable(),
  /** Raised by every change and act. */
  version: z.int().min(1),
  counts: saleCounts,
  fairness: saleFairness,
})
export type SaleResource = z.infer<typeof saleResource>

export const saleList = z.strictObject({ sales: z.array(saleResource) })

export const saleAct = z.enum(['open', 'pause', 'resume', 'close', 'reopen'])
export type SaleAct = z.infer<typeof saleAct>

/** One thing that happened in a sale's line. `at` is Redis time. */
export const logEntry = z.strictObject({
  id: z.string(),
  at: timestamp,
  kind: z.enum([
    'joined',
    'admitted',
    'extended',
    'returned',
    'set-aside',
    'forfeited',
    'left',
    'act',
    'recovered',
    'cut',
  ]),
  place: z.int().optional(),
  slot: z.string().optional(),
  count: z.int().optional(),
  act: z.string().optional(),
  reason: z.string().optional(),
})
export type LogEntry = z.infer<typeof logEntry>
export const logPage = z.strictObject({ entries: z.array(logEntry), next: z.string().nullable() })

export const joinAnswer = z.strictObject({
  ticket: z.string(),
  place: z.int().min(1),
  position: z.int().min(1),
  etaSeconds: z.int().min(0).nullable(),
  pollAfterMs: z.int().min(100),
  saleState: publicSaleState,
})
export type JoinAnswer = z.infer<typeof joinAnswer>

/** For a buyer who comes back: a pass that starts no order, but reads and cancels what the buyer ordered in the sale. */
export const endedPass = z.strictObject({
  admission: z.string(),
  /** Until when orders can be read with it; then another one is to be had. */
  readableUntil: timestamp,
})
export type EndedPass = z.infer<typeof endedPass>

/** Passes that were given back before their end: a shop of its own refuses them. */
export const revocationList = z.strictObject({
  sale: saleId,
  revocations: z.array(z.strictObject({ slot: z.string(), passExpiresAt: timestamp })),
})
export type RevocationList = z.infer<typeof revocationList>

const standing = {
  saleState: publicSaleState,
  position: z.int().min(1).nullable(),
  etaSeconds: z.int().min(0).nullable(),
  pollAfterMs: z.int().min(100),
  /** The number of the snapshot this was read from: rises, so that answers can be ordered. */
  snapshot: z.int().min(0),
}

/** How often a turn was made longer, and may still be. */
const extensions = z.strictObject({
  taken: z.int().min(0),
  remaining: z.int().min(0),
  /** How much longer each makes it. */
  seconds: z.int().min(1),
})

/** Asks for a longer turn. */
export const extensionRequest = z.strictObject({
  number: z
    .int()
    .min(1)
    .max(EXTENSIONS_MAX)
    .describe(
      'Which extension of the turn: one more than `extensions.taken`. One that the turn has had already changes nothing, so that ' +
        'a repeated request, or another tab, never takes two; one further on gives all up to it',
    ),
})

/** What a buyer is told, by polling and by socket alike. */
export const ticketStatus = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('admitted'),
    ...standing,
    admission: z.string(),
    expiresAt: timestamp,
    extensions: extensions.optional(),
  }),
  z.strictObject({
    state: z.literal('waiting'),
    ...standing,
    returners: z
      .int()
      .min(0)
      .describe(
        'Buyers who were set aside and came back in time, who go first: as they grow, `position` may grow by as many',
      ),
  }),
  z.strictObject({ state: z.literal('finished'), ...standing }),
  z.strictObject({ state: z.literal('expired'), ...standing }),
  z.strictObject({ state: z.literal('left'), ...standing }),
  z.strictObject({ state: z.literal('closed'), ...standing }),
])
export type TicketStatus = z.infer<typeof ticketStatus>

/** Two whole numbers, a tuple to us alone: some tools of OpenAPI 3.1 fail at a tuple of a response (`prefixItems`). */
const mark = z.array(z.int().min(0)).min(2).max(2) as unknown as z.ZodType<[number, number]>

/** The public one-second status of a line; with a place and these marks a browser finds its own position. */
export const board = z.strictObject({
  sale: saleId,
  name: z.string(),
  saleState: publicSaleState,
  snapshot: z.int().min(0),
  waiting: z.int().min(0),
  active: z.int().min(0),
  admitted: z.int().min(0),
  admitPerSecond: z.number(),
  opensAt: timestamp.nullable(),
  closesAt: timestamp.nullable(),
  /** The last place of the window. A client that reads only the board polls its ticket once as its join told it, then reads the board every 12 s, and polls as told once its place is inside. */
  edge: z.int().min(0),
  /** `[rank, place]` at fixed ranks, ascending; a position between two marks is interpolated. */
  marks: z.array(mark),
  at: timestamp,
})
export type Board = z.infer<typeof board>
