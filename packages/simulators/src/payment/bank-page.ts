import type { createHttpApp } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import { html } from 'hono/html'
import type { ChargeBook } from './charge-book.ts'

/** What the bank's page shows and where its buyer goes afterwards. */
interface BankView {
  readonly title: string
  readonly amountMinor: number
  readonly currency: string
  /** Undefined: the buyer has decided, or the payment is over. */
  readonly action: string | undefined
}

/** Builds the page on which a buyer agrees to a payment, as a bank's 3-D Secure page does. It works without scripts. */
export function bankPage({ title, amountMinor, currency, action }: BankView) {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          <p>Payment of ${amountMinor} ${currency} (minor units). No real money is moved.</p>
          ${
            action === undefined
              ? html`<p>This payment no longer waits for you.</p>`
              : html`<form method="post" action="${action}">
                  <button name="decision" value="agree" formaction="${action}?agree=true">Agree</button>
                  <button name="decision" value="refuse" formaction="${action}?agree=false">Refuse</button>
                </form>`
          }
        </main>
      </body>
    </html>`
}

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
