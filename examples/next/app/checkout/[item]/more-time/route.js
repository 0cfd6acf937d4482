import { gateRequest } from '@floodgate/admission/next'
import { gate } from '../../../../gate.js'
import { itemOf } from '../../../../items.js'

export async function POST(request, { params }) {
  const item = itemOf((await params).item)
  const verdict = await gate.passOf(gateRequest(request))
  if (item === undefined || verdict.kind !== 'valid') return new Response('Not found', { status: 404 })
  const number = Number(request.nextUrl.searchParams.get('number'))
  const extended = await gate.extend(verdict.pass, number)
  const [extensions, headers] = extended.kind === 'extended' ? [number, extended.headers] : ['none', []]
  const location = `/checkout/${item.id}?extensions=${extensions}`
  return new Response(null, { status: 303, headers: [['location', location], ...headers] })
}
