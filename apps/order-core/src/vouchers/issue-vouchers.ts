import { readFileSync } from 'node:fs'
import { type BackOff, backOffMs, inHalves, pause } from '@floodgate/async'
import { isDataError, isRetriableDatabaseError } from '@floodgate/database'
import type { Pool } from 'pg'
import type { Unknown } from '../ledger/commit-outcome.ts'
import { fenceLockKey } from '../stock/rebuild/fence-locks.ts'
import { findVouchers, type StoredVoucher, type VoucherKey } from './find-vouchers.ts'

/** A claim on its way into the ledger. */
export interface NewClaim extends VoucherKey {
  /** `claimId`. */
  readonly id: string
  readonly sale: string
  /** The fence's epoch in which it was taken. */
  readonly epoch: number
}

export type IssueOutcome =
  | { readonly kind: 'issued' | 'existing'; readonly voucher: StoredVoucher }
  /** All vouchers are issued, whatever Redis allowed. `total`: how many, when it was decided. */
  | { readonly kind: 'gone'; readonly total: number }
  /** The fence was rebuilt since, or is about to be: nothing was written. */
  | { readonly kind: 'stale' }
  | { readonly kind: 'unknown-campaign' }
  /** The database cannot store it. */
  | { readonly kind: 'poisonous' }
  | Unknown

type Outcomes = Map<string, IssueOutcome>

export interface IssueOptions {
  readonly pool: Pool
  /** After this much time of conflicts, restarts and lost connections the batch is given up as `unknown`. */
  readonly giveUpAfterMs: number
  onError(error: unknown, claims: number): void
}

const text = readFileSync(new URL('./issue-vouchers.sql', import.meta.url), 'utf8')
const RETRY: BackOff = { minMs: 10, maxMs: 250 }
/**
 * How often claims are sent again for which there was room and nothing was written: another process issued a voucher to
 * the same buyer in between, or a rebuild waited. The rebuild takes longer.
 */
const AGAIN_MAX = 3

/** Returns the id of a claim in the group commit. Neither a sale nor a campaign has a `|`. */
export function claimId({ sale, campaign, buyer }: VoucherKey & { readonly sale: string }): string {
  return `${sale}|${campaign}|${buyer}`
}

/**
 * Issues the vouchers of a batch of one sale's claims (none twice) and returns the outcome of each. A repetition finds
 * the voucher that an interrupted try may have written.
 */
export async function issueVouchers(options: IssueOptions, batch: readonly NewClaim[]): Promise<Outcomes> {
  const giveUpAt = performance.now() + options.giveUpAfterMs
  const outcomes: Outcomes = new Map()
  for (let attempt = 0; ; attempt += 1) {
    try {
      await inHalves(
        batch.filter(({ id }) => !outcomes.has(id)),
        {
          work: (claims) => issueOnce(options.pool, claims, outcomes),
          isFault: isDataError,
          onCulprit: async ({ id }, error) => {
            options.onError(error, 1)
            outcomes.set(id, { kind: 'poisonous' })
          },
        },
      )
    } catch (error) {
      options.onError(error, batch.length)
      if (!isRetriableDatabaseError(error) || performance.now() >= giveUpAt) return outcomes
      await pause(backOffMs(RETRY, attempt, Math.random()))
      continue
    }
    const open = batch.filter(({ id }) => !outcomes.has(id))
    if (open.length === 0) return outcomes
    if (attempt >= AGAIN_MAX) {
      for (const { id } of open) outcomes.set(id, { kind: 'stale' })
      return outcomes
    }
  }
}

/** Tries once. Adds the outcomes of the claims that are decided. */
async function issueOnce(pool: Pool, claims: readonly NewClaim[], outcomes: Outcomes): Promise<void> {
  const [first] = claims
  if (first === undefined) return
  const { sale } = first
  const { rows } = await pool.query<VoucherKey & { issuedAt: Date }>({
    name: 'issue-vouchers',
    text,
    values: [
      ...[sale, fenceLockKey(sale)],
      claims.map(({ epoch }) => epoch),
      claims.map(({ campaign }) => campaign),
      claims.map(({ buyer }) => buyer),
    ],
  })
  for (const { issuedAt, ...key } of rows)
    outcomes.set(claimId({ sale, ...key }), { kind: 'issued', voucher: { state: 'issued', order: null, issuedAt } })
  const open = claims.filter(({ id }) => !outcomes.has(id))
  if (open.length === 0) return
  // In a second statement, since the first cannot see what its `ON CONFLICT` met.
  const found = await findVouchers(pool, sale, open)
  const epoch = await readEpoch(pool, sale)
  for (const [index, claim] of open.entries()) {
    const { voucher, campaign } = found[index] ?? {}
    if (voucher !== undefined) outcomes.set(claim.id, { kind: 'existing', voucher })
    else if (claim.epoch !== epoch) outcomes.set(claim.id, { kind: 'stale' })
    else if (campaign === undefined) outcomes.set(claim.id, { kind: 'unknown-campaign' })
    else if (campaign.issued >= campaign.total) outcomes.set(claim.id, { kind: 'gone', total: campaign.total })
  }
}

async function readEpoch(pool: Pool, sale: string): Promise<number | undefined> {
  const { rows } = await pool.query<{ epoch: number }>({
    name: 'read-epoch',
    text: 'select epoch from orders.fences where sale = $1',
    values: [sale],
  })
  return rows[0]?.epoch
}
