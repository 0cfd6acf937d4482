import { html } from 'hono/html'

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
