import { createGate } from '@floodgate/admission'
import { floodgate, passOf } from '@floodgate/admission/express'
import express from 'express'
import { itemOf } from './items.js'
import { placeOrder } from './orders.js'
import { checkoutPage, landingPage, thanksPage } from './pages.js'

const { QUEUE_URL = 'http://localhost:7100', SALE = 'shop', PORT = '8080' } = process.env

const gate = createGate({ queueUrl: QUEUE_URL, sale: SALE })
const shop = express()

// All paths below /checkout are behind the line. The rest of the shop is public.
shop.use('/checkout', floodgate(gate))

shop.get('/', (_request, response) => {
  response.send(landingPage())
})

// For buyers who went to the line on their own: the sale's defaultReturnUrl. The gate has stored their pass.
shop.get('/checkout', (_request, response) => {
  response.redirect(303, '/')
})

shop.get('/checkout/:item', (request, response, next) => {
  const item = itemOf(request.params.item)
  const pass = passOf(request)
  // The gate lets HEAD through without a pass.
  if (item === undefined || pass === undefined) return next()
  const extensions = request.query.extensions === 'none' ? undefined : Number(request.query.extensions ?? 0)
  response.set('cache-control', 'no-store').send(checkoutPage({ item, endsAt: pass.endsAt, extensions }))
})

shop.post('/checkout/:item/more-time', async (request, response, next) => {
  const item = itemOf(request.params.item)
  if (item === undefined) return next()
  const number = Number(request.query.number)
  const extended = await gate.extend(passOf(request), number)
  if (extended.kind === 'extended') addHeaders(response, extended.headers)
  const extensions = extended.kind === 'extended' ? number : 'none'
  response.redirect(303, `/checkout/${item.id}?extensions=${extensions}`)
})

shop.post('/checkout/:item/buy', async (request, response, next) => {
  const item = itemOf(request.params.item)
  if (item === undefined) return next()
  const pass = passOf(request)
  const bought = placeOrder({ slot: pass.slot, item: item.id })
  // Gives the slot back, so that the next buyer is admitted.
  const finished = await gate.finish(pass)
  addHeaders(response, finished.headers)
  response.redirect(303, `/thanks/${bought}`)
})

shop.get('/thanks/:item', (request, response, next) => {
  const item = itemOf(request.params.item)
  if (item === undefined) return next()
  response.send(thanksPage({ item }))
})

function addHeaders(response, headers) {
  for (const [name, value] of headers) response.append(name, value)
}

shop.listen(Number(PORT), () => console.log(`The shop: http://localhost:${PORT}`))
