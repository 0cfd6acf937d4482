import { gateRequest } from '@floodgate/admission/next'
import { gate } from '../../../../gate.js'
import { itemOf } from '../../../../items.js'
import { placeOrder } from '../../../../orders.js'

export async function POST(request, { params }) {
  const item = itemOf((await params).item)
  const verdict = await gate.passOf(gateRequest(request))
  if (item === undefined || verdict.kind !== 'valid') return new Response('Not found', { status: 404 })
  const bought = placeOrder({ slot: verdict.pass.slot, item: item.id })
  // Gives the slot back, so that the next buyer is admitted.
  const finished = await gate.finish(verdict.pass)
  return new Response(null, { status: 303, headers: [['location', `/thanks/${bought}`], ...finished.headers] })
}
