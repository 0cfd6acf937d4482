import { env } from 'cloudflare:workers'
import { createGate } from '@floodgate/admission'
import { floodgate } from '@floodgate/admission/fetch'
import { itemOf } from './items.js'
import { placeOrder } from './orders.js'
import { checkoutPage, landingPage, thanksPage } from './pages.js'

// All paths below /checkout are behind the line. The rest of the shop is public.
const protect = ({ path }) => path.startsWith('/checkout')
const gate = createGate({ queueUrl: env.QUEUE_URL, sale: env.SALE, protect })

export default { fetch: floodgate(gate, serve) }

async function serve(request, pass) {
  const url = new URL(request.url)
  const [, part, id, action] = url.pathname.split('/')
  if (part === '') return html(landingPage())
  // For buyers who went to the line on their own: the sale's defaultReturnUrl. The gate has stored their pass.
  if (part === 'checkout' && id === undefined) return redirect('/')
  const item = itemOf(id)
  if (item === undefined) return new Response('Not found', { status: 404 })
  if (part === 'thanks') return html(thanksPage({ item }))
  // The gate lets HEAD through without a pass.
  if (part !== 'checkout' || pass === undefined) return new Response('Not found', { status: 404 })
  if (request.method === 'POST' && action === 'more-time')
    return await moreTime(pass, item, Number(url.searchParams.get('number')))
  if (request.method === 'POST' && action === 'buy') return await buy(pass, item)
  const taken = url.searchParams.get('extensions') ?? '0'
  const extensions = taken === 'none' ? undefined : Number(taken)
  return html(checkoutPage({ item, endsAt: pass.endsAt, extensions }))
}

async function moreTime(pass, item, number) {
  const extended = await gate.extend(pass, number)
  return extended.kind === 'extended'
    ? redirect(`/checkout/${item.id}?extensions=${number}`, extended.headers)
    : redirect(`/checkout/${item.id}?extensions=none`)
}

async function buy(pass, item) {
  const bought = await placeOrder(env.ORDERS, { slot: pass.slot, item: item.id })
  // Gives the slot back, so that the next buyer is admitted.
  const finished = await gate.finish(pass)
  return redirect(`/thanks/${bought}`, finished.headers)
}

function html(page) {
  return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' } })
}

function redirect(location, headers = []) {
  return new Response(null, { status: 303, headers: [['location', location], ...headers] })
}
