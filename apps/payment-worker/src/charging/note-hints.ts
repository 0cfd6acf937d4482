import { createMicroBatcher } from '@floodgate/async'
import type { Pool } from 'pg'

const HINTS_PER_STATEMENT = 256

/** A hint that the payment of an order may have moved on. */
export interface Hint {
  readonly order: string
  /** What the buyer's browser brought back, sealed. */
  readonly sealedProof?: string | undefined
}

/**
 * Makes the charges of these orders due at once, where their outcome is unknown or they await their buyers. A hint is
 * never a fact: the next round asks the provider. Resolves to whether there is such a charge.
 */
export async function noteHints(pool: Pool, hints: readonly Hint[]): Promise<boolean> {
  const newest = new Map<string, Hint>()
  for (const hint of hints)
    newest.set(hint.order, { ...hint, sealedProof: hint.sealedProof ?? newest.get(hint.order)?.sealedProof })
  const { rowCount } = await pool.query({
    name: 'note-hints',
    text: `with hint as (
        select * from unnest($1::uuid[], $2::text[]) as hint (order_id, sealed_proof)
      ), locked as materialized (
        select order_id from payments.charges
        where order_id = any ($1::uuid[]) and status in ('unknown', 'awaiting-buyer')
        order by order_id for no key update
      )
      update payments.charges charge set due_at = now(), buyer_proof = coalesce(hint.sealed_proof, charge.buyer_proof)
      from hint join locked using (order_id)
      where charge.order_id = hint.order_id`,
    values: [[...newest.keys()], [...newest.values()].map(({ sealedProof }) => sealedProof ?? null)],
  })
  return rowCount !== null && rowCount > 0
}

/** Notes hints one by one, many in one statement: providers send thousands of webhooks at once. */
export function createNoteHint(deps: {
  readonly pool: Pool
  /** A charge may have moved on. */
  onNoted(): void
  /** Makes the pending refunds of these orders due at once, too. */
  noteRefunds(orders: readonly string[]): Promise<void>
}) {
  const noteInBatch = createMicroBatcher<Hint, void>({
    itemsMax: HINTS_PER_STATEMENT,
    send: async (_, hints) => {
      if (await noteHints(deps.pool, hints)) deps.onNoted()
      await deps.noteRefunds([...new Set(hints.map(({ order }) => order))])
      return hints.map(() => undefined)
    },
  })
  return function noteHint(hint: Hint): Promise<void> {
    return noteInBatch('', hint)
  }
}
