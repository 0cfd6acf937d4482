import { withOrder } from './change-state.ts'
import type { Happening } from './happening.ts'
import type { Effect, Reply } from './replay.ts'
import type { ExploredOrder } from './shop.ts'
import type { ProviderSide, State, Work } from './state.ts'

const UNKNOWN: Reply = { value: { kind: 'unavailable', unknown: true, detail: 'no answer' } }

/** Returns everything that a provider can do with a call, including no response. One key is charged once. */
export function callProvider(
  state: State,
  work: Work,
  { call, key, amountMinor = 0 }: Extract<Effect, { kind: 'provider' }>,
  order: ExploredOrder | undefined,
): readonly Happening[] {
  const provider = state.orders[work.order]?.provider
  if (provider === undefined) return []
  const attempt = /:(\d+)$/.exec(key)?.[1] ?? '1'
  const known = provider.keys[attempt]
  const choice = (words: string, to: ProviderSide, reply: Reply, byItself = true): Happening => ({
    words: `${call}: ${words}`,
    byItself,
    change: (before) => withOrder(before, work.order, { provider: to }),
    reply,
  })
  const become = (next: ProviderSide['keys'][string]): ProviderSide => ({
    ...provider,
    keys: { ...provider.keys, [attempt]: next },
  })
  const said: Reply = { value: wordOf(known) }

  if (call === 'refund') {
    const part = order?.refunds.findIndex(({ id }) => key === `refund:${id}`) ?? -1
    const isMade = part < 0 ? provider.isRefunded : part in provider.parts
    const back: ProviderSide =
      part < 0 ? { ...provider, isRefunded: true } : { ...provider, parts: { ...provider.parts, [part]: amountMinor } }
    return [
      choice('the money is given back', back, { value: { kind: 'refunded', refundId: 'refund' } }),
      choice('the money is given back, and the answer is lost', back, UNKNOWN, false),
      ...(isMade ? [] : [choice('refused', provider, { value: { kind: 'refused', reason: 'no' } }, false)]),
    ]
  }
  if (known === 'approved' || known === 'declined' || known === 'closed')
    return [
      choice(`the provider says ${known}`, provider, said),
      choice(
        'the answer is lost',
        provider,
        call === 'charge' || call === 'close' ? UNKNOWN : { value: { kind: 'unavailable', unknown: true, detail: '' } },
        false,
      ),
    ]
  if (call === 'lookUp') return [choice('nothing is known of it', provider, { value: { kind: 'nothing-charged' } })]
  if (call === 'close')
    return [
      choice('nothing will ever be charged', become('closed'), { value: { kind: 'key-closed' } }),
      choice('nothing will ever be charged, and the answer is lost', become('closed'), UNKNOWN, false),
    ]
  return [
    choice('approved', become('approved'), { value: { kind: 'approved', chargeId: 'charge' } }),
    choice('declined', become('declined'), { value: { kind: 'declined', reason: 'declined' } }),
    choice('approved, and the answer is lost', become('approved'), UNKNOWN, false),
    choice('no answer, the call is on its way', become('on-its-way'), UNKNOWN, false),
  ]
}

function wordOf(state: ProviderSide['keys'][string] | undefined): unknown {
  if (state === 'approved') return { kind: 'approved', chargeId: 'charge' }
  if (state === 'declined') return { kind: 'declined', reason: 'declined' }
  return { kind: 'key-closed' }
}
