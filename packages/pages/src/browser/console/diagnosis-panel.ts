import type { SaleResource } from '@floodgate/contracts'
import { h } from '../shared/dom.ts'
import { complaintOf, type Operator } from './operator.ts'

/** Placeholder where the sale names no shop. */
const ANY_SHOP = 'https://shop.example/'

/** Returns a shell command whose response shows the decision of a shop's connector. */
function requestFor({ returnOrigins = [], defaultReturnUrl = null }: Partial<SaleResource>, token: string): string {
  const address = new URL(defaultReturnUrl ?? returnOrigins[0] ?? ANY_SHOP).href.replaceAll("'", '%27')
  return `curl -s '${address}' -H 'sec-fetch-mode: navigate' -H 'floodgate-diagnosis: ${token}'`
}

/** Builds the panel that creates a token for a diagnosis of the shop's connector, and shows how to use it. */
export function diagnosisPanel(operator: Operator, sale: () => SaleResource): HTMLElement {
  const result = h('div', { role: 'status' })
  const make = async () => {
    const reply = await operator.diagnose(sale().id)
    if (reply.kind !== 'success') return result.replaceChildren(h('p', { class: 'alert' }, complaintOf(reply) ?? ''))
    const { token, expiresAt } = reply.body
    result.replaceChildren(
      h(
        'p',
        { class: 'small' },
        `Valid until ${new Date(expiresAt).toLocaleTimeString('en-GB')}. Send it to the shop:`,
      ),
      h('pre', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Request' }, requestFor(sale(), token)),
    )
  }
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, 'Diagnosis'),
    h('p', { class: 'small' }, 'The connector of your shop tells the holder of a token which rule matched, and why.'),
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'button', class: 'quiet', onclick: () => void make() }, 'Make a token for 15 minutes'),
    ),
    result,
  )
}
