import type { createHttpApp } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import { bankPage } from '../bank-page.ts'
import type { ChargeBook } from './charge-book.ts'

/** Mounts the page of the simulated bank, where a buyer with `sim_3ds` agrees or refuses. */
export function mountBank(app: ReturnType<typeof createHttpApp>, book: ChargeBook): void {
  app.get('/bank/:id', (c) => {
    const charge = book.find(c.req.param('id'))
    if (charge === undefined) throw new AppError('not-found')
    const isOpen = charge.status === 'needs-buyer' && !book.isClosed(charge.idempotencyKey)
    const action = isOpen ? `/bank/${charge.id}/decision` : undefined
    const { amountMinor, currency } = charge
    return c.html(bankPage({ title: 'Simulated bank', amountMinor, currency, action }))
  })

  app.post('/bank/:id/decision', (c) => {
    const charge = book.decide(c.req.param('id'), c.req.query('agree') === 'true')
    if (charge === undefined) throw new AppError('not-found')
    if (charge.returnUrl === undefined) return c.redirect(`/bank/${charge.id}`, 303)
    const back = new URL(charge.returnUrl)
    back.searchParams.set('charge', charge.id)
    return c.redirect(back.href, 303)
  })
}
