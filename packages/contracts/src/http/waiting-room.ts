import { z } from 'zod'
import { instant, languageTag, saleId, text, timestamp } from '../scalars.ts'
import { saleIdentity } from './identity.ts'
import { frameOrigins, returnOrigins } from './origins.ts'
import { defaultReturnUrl } from './return-url.ts'
import { supply } from './stock.ts'

export const saleState = z.enum(['scheduled', 'open', 'paused', 'closed'])
export type SaleState = z.infer<typeof saleState>

/** `recovering`: the line's Redis was lost; for half a minute places are restored and no buyer is admitted. */
export const publicSaleState = z.enum([...saleState.options, 'recovering'])
export type PublicSaleState = z.infer<typeof publicSaleState>

/** How much one extension adds to a turn. */
export const EXTENSION_SECONDS = 60
export const EXTENSIONS_MAX = 10
/** For a sale created before extensions existed. */
export const EXTENSIONS_DEFAULT = 2
/** Upper bound of a turn, whatever its sale allows. */
export const TURN_SECONDS_MAX = 86_400

export const saleSettings = z.strictObject({
  name: text(200),
  admitPerSecond: z.number().min(0.1).max(10_000),
  maxActive: z.int().min(1).max(1_000_000),
  admissionTtlSeconds: z.int().min(10).max(TURN_SECONDS_MAX),
  /** How soon an admitted buyer must show up, or the slot goes to the next buyer; 0 = no limit. */
  claimSeconds: z
    .int()
    .min(0)
    .max(3_600)
    .refine((seconds) => seconds === 0 || seconds >= 20, 'must be 0 or at least 20: buyers report every 15 s')
    .meta({ anyOf: [{ const: 0 }, { minimum: 20 }] })
    .default(60),
  /** How long a buyer who was absent at its turn may still return. */
  returnSeconds: z.int().min(0).max(86_400).default(600),
  extensionsMax: z
    .int()
    .min(0)
    .max(EXTENSIONS_MAX)
    .default(EXTENSIONS_DEFAULT)
    .describe('How often a buyer may extend the turn by a minute while it has no order; 0 = never'),
  opensAt: instant.nullish(),
  closesAt: instant.nullish(),
  frameOrigins,
  returnOrigins,
  defaultReturnUrl,
  identity: saleIdentity.nullable().default(null),
  /** The waiting room accepts only languages that it has texts in. */
  language: languageTag
    .nullable()
    .default(null)
    .describe("Of pages, mails and problem titles for buyers; null: by each buyer's `Accept-Language`, then English"),
})
export type SaleSettings = z.infer<typeof saleSettings>
export type SaleSettingsInput = z.input<typeof saleSettings>

/** Body of the PUT of a sale: its settings, and the conditions under which they apply. */
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
/** The input of a client: fields with a default are optional. */
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

/** Measures of how well the line keeps its guarantees. */
export const saleFairness = z.strictObject({
  /** How long the first in line has waited; null while no buyer waits. */
  oldestWaiterSeconds: z.number().min(0).nullable(),
  /**
   * Deviation of admissions from the rate, over the last ten seconds in which present buyers waited and slots were
   * free: 0 is exact, -0.1 a tenth too few.
   */
  rateError: z.number().nullable(),
  /** Longest time without an admission although a buyer was due. */
  longestStallSeconds: z.number().min(0),
  /** Buyers overtaken although they polled on time: should be 0. */
  inversions: z.int().min(0),
  /** Buyers set aside as absent who polled again within an interval: should be 0. */
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
  returnOrigins: z.array(z.string()),
  defaultReturnUrl: z.string().nullable(),
  identity: saleIdentity.nullable(),
  language: languageTag.nullable(),
  /** Raised by every change and action. */
  version: z.int().min(1),
  counts: saleCounts,
  fairness: saleFairness,
})
export type SaleResource = z.infer<typeof saleResource>

export const saleList = z.strictObject({ sales: z.array(saleResource) })

export const saleAct = z.enum(['open', 'pause', 'resume', 'close', 'reopen'])
export type SaleAct = z.infer<typeof saleAct>

/** One entry in the log of a sale's line. `at` is Redis time. */
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

export const joinResponse = z.strictObject({
  ticket: z.string(),
  place: z.int().min(1),
  position: z.int().min(1),
  etaSeconds: z.int().min(0).nullable(),
  pollAfterMs: z.int().min(100),
  saleState: publicSaleState,
})
export type JoinResponse = z.infer<typeof joinResponse>

/** For a returning buyer: a token that starts no order, but reads and cancels the buyer's orders in the sale. */
export const endedPass = z.strictObject({
  admission: z.string(),
  /** Until when it reads orders; then the client requests another. */
  readableUntil: timestamp,
})
export type EndedPass = z.infer<typeof endedPass>

/** Admissions that were given back before they expired: a shop with its own checkout must reject them. */
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
  /** The number of the snapshot this was read from. It rises, so that responses can be ordered. */
  snapshot: z.int().min(0),
}

const knownSupply = supply
  .optional()
  .describe('What the sale has left: `held` may come back, `sold-out` is sold. Absent: not known, or sold elsewhere')

/** How often the turn was extended, and may still be. */
export const turnExtensions = z.strictObject({
  taken: z.int().min(0),
  remaining: z.int().min(0),
  /** How many seconds one extension adds. */
  seconds: z.int().min(1),
})

/** Requests an extension of the turn. */
export const extensionRequest = z.strictObject({
  number: z
    .int()
    .min(1)
    .max(EXTENSIONS_MAX)
    .describe(
      'Number of the extension: one more than `extensions.taken`. A number that the turn already has changes nothing, so that ' +
        'a repeated request, or another tab, never takes two; a higher one gives all extensions up to it',
    ),
})

/** What a buyer receives, by polling and by socket alike. */
export const ticketStatus = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('admitted'),
    ...standing,
    admission: z.string(),
    expiresAt: timestamp,
    extensions: turnExtensions.optional(),
  }),
  z.strictObject({
    state: z.literal('waiting'),
    ...standing,
    supply: knownSupply,
    returners: z
      .int()
      .min(0)
      .describe('Returning buyers, who are admitted first: as their number grows, `position` may grow by as many'),
  }),
  z.strictObject({ state: z.literal('finished'), ...standing }),
  z.strictObject({ state: z.literal('expired'), ...standing }),
  z.strictObject({ state: z.literal('left'), ...standing }),
  z.strictObject({ state: z.literal('closed'), ...standing }),
])
export type TicketStatus = z.infer<typeof ticketStatus>

/**
 * Two whole numbers, typed as a tuple in this repository only: some OpenAPI 3.1 tools fail at a tuple in a response
 * (`prefixItems`).
 */
const mark = z.array(z.int().min(0)).min(2).max(2) as unknown as z.ZodType<[number, number]>

/**
 * The public status of a line, renewed each second. With its place and these marks a browser computes its own position.
 */
export const board = z.strictObject({
  sale: saleId,
  name: z.string(),
  saleState: publicSaleState,
  supply: knownSupply,
  snapshot: z.int().min(0),
  waiting: z.int().min(0),
  active: z.int().min(0),
  admitted: z.int().min(0),
  admitPerSecond: z.number(),
  opensAt: timestamp.nullable(),
  closesAt: timestamp.nullable(),
  /**
   * The last place of the window. A client that reads only the board polls its ticket once when its join says so, then
   * reads the board every 12 s, and polls at the given intervals once its place is inside.
   */
  edge: z.int().min(0),
  /** `[rank, place]` at fixed ranks, ascending; a position between two marks is interpolated. */
  marks: z.array(mark),
  at: timestamp,
})
export type Board = z.infer<typeof board>
