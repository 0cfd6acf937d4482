import type { SaleResource } from '@floodgate/contracts'
import { h, setText } from '../shared/dom.ts'
import type { Reply } from '../shared/http.ts'
import { waitFor } from '../shared/wait.ts'
import { cataloguePanel } from './catalogue-panel.ts'
import { diagnosisPanel } from './diagnosis-panel.ts'
import type { LanguageName } from './forms.ts'
import { ledgerCheck } from './ledger-check.ts'
import { complaintOf, isChangedMeanwhile, type Operator } from './operator.ts'
import { logPanel, newSalePanel, stockPanel, tracePanel } from './panels.ts'
import { refundsPanel } from './refunds-panel.ts'
import { revocationsPanel } from './revocations-panel.ts'
import { NEEDS_OPERATOR, showRole } from './role.ts'
import { saleCard } from './sale-card.ts'
import { vouchersPanel } from './vouchers-panel.ts'
import { webhooksPanel } from './webhooks-panel.ts'

const EVERY_MS = 1_000
/** The list makes the server read every sale; the chosen one is read each second. */
const LIST_MS = 5_000
const LOG_TAIL = 50

/**
 * Runs the operator's console: the sales, one of them in full, and the trace of one purchase. Polls once a second until
 * the token is rejected.
 */
export function createConsole(options: {
  root: HTMLElement
  operator: Operator
  /** Languages for buyers. */
  languages: readonly LanguageName[]
  onTokenRejected(): void
}): void {
  const { operator, languages } = options
  const ended = new AbortController()
  const waker = new EventTarget()
  const alert = h('p', { class: 'alert', role: 'alert', hidden: true })
  const list = h('ul', {})
  const signedIn = h('p', { class: 'small', role: 'status' })
  const desk = h('div', { class: 'grid' })
  let chosen: string | undefined
  let opened:
    | {
        sale: string
        card: ReturnType<typeof saleCard>
        stock: ReturnType<typeof stockPanel>
        log: ReturnType<typeof logPanel>
        vouchers: ReturnType<typeof vouchersPanel>
      }
    | undefined

  const complain = (complaint: string | undefined) => {
    alert.hidden = complaint === undefined
    setText(alert, complaint ?? '')
  }
  const settle = async (reply: Promise<Reply<unknown>>) => {
    const settled = await reply
    complain(complaintOf(settled))
    waker.dispatchEvent(new Event('wake'))
    return settled
  }
  const choose = (sale: string) => {
    chosen = sale
    waker.dispatchEvent(new Event('wake'))
  }

  const open = (sale: SaleResource) => {
    const card = saleCard({
      sale,
      languages,
      onAct: (act) => void settle(operator.act(sale.id, act)),
      onSave: async (settings) => {
        const reply = await settle(operator.save(sale.id, settings))
        const now = await operator.sale(sale.id)
        if (now.kind === 'success' && opened?.sale === sale.id) opened.card.update(now.body)
        return reply.kind === 'success' || isChangedMeanwhile(reply)
      },
    })
    const stock = stockPanel(ledgerCheck(operator, sale.id))
    const log = logPanel()
    const vouchers = vouchersPanel(operator, { sale: sale.id, onComplaint: complain })
    opened = { sale: sale.id, card, stock, log, vouchers }
    desk.replaceChildren(
      card.element,
      h(
        'div',
        { class: 'column' },
        stock.element,
        log.element,
        h('div', NEEDS_OPERATOR, diagnosisPanel(operator, card.sale)),
      ),
      cataloguePanel(operator, { sale: sale.id, onComplaint: complain }),
      vouchers.element,
    )
  }

  let listed = ''
  const showList = (sales: readonly SaleResource[]) => {
    const key = JSON.stringify([chosen, sales.map(({ id, state }) => [id, state])])
    if (key === listed) return
    listed = key
    const focused = document.activeElement?.id
    list.replaceChildren(
      ...sales.map(({ id, state }) =>
        h(
          'li',
          {},
          h(
            'button',
            {
              type: 'button',
              class: 'quiet',
              id: `sale-${id}`,
              'aria-current': String(id === chosen),
              onclick: () => choose(id),
            },
            `${id} · ${state}`,
          ),
        ),
      ),
    )
    if (focused?.startsWith('sale-')) document.getElementById(focused)?.focus()
  }

  let listedAtMs = Number.NEGATIVE_INFINITY
  let sales: readonly SaleResource[] = []
  const refresh = async () => {
    const wanted = performance.now() - listedAtMs > LIST_MS ? undefined : chosen
    const reply = await (wanted === undefined ? operator.sales() : readChosen(wanted))
    if (reply.kind === 'rejected' && reply.problem.status === 401) {
      ended.abort()
      return options.onTokenRejected()
    }
    if (reply.kind !== 'success') return complain(complaintOf(reply))
    if (wanted === undefined) listedAtMs = performance.now()
    sales = reply.body.sales
    chosen ??= sales[0]?.id
    showList(sales)
    const sale = sales.find(({ id }) => id === chosen)
    if (sale === undefined) return
    if (opened?.sale !== sale.id) open(sale)
    opened?.card.update(sale)
    await refreshPanels(sale.id)
  }

  /** Reads the chosen sale again, and replaces it in the list. */
  const readChosen = async (id: string): Promise<Reply<{ sales: readonly SaleResource[] }>> => {
    const reply = await operator.sale(id)
    if (reply.kind !== 'success') return reply
    const known = sales.some((sale) => sale.id === id)
    const merged = known ? sales.map((sale) => (sale.id === id ? reply.body : sale)) : [...sales, reply.body]
    return { ...reply, body: { sales: merged } }
  }

  const refreshPanels = async (sale: string) => {
    const [audit, page, campaigns] = await Promise.all([
      operator.stock(sale),
      operator.log(sale, LOG_TAIL),
      operator.vouchers(sale),
    ])
    if (opened?.sale !== sale) return
    if (audit.kind === 'success') opened.stock.update(audit.body)
    else opened.stock.complain(complaintOf(audit) ?? '')
    if (page.kind === 'success') opened.log.update(page.body.entries)
    opened.vouchers.update(campaigns)
  }

  const keepRefreshing = async () => {
    while (!ended.signal.aborted) {
      await refresh()
      await waitFor(EVERY_MS, { signal: ended.signal, waker })
    }
  }

  options.root.replaceChildren(
    h('h1', { class: 'hidden' }, 'Console'),
    alert,
    signedIn,
    h('nav', { 'aria-label': 'Sales' }, list),
    desk,
    h(
      'div',
      { class: 'grid' },
      tracePanel(operator),
      h('div', NEEDS_OPERATOR, newSalePanel(operator, { languages, onDone: choose, onComplaint: complain })),
      revocationsPanel(operator),
      refundsPanel(operator),
      webhooksPanel(operator),
    ),
  )
  void operator.me().then((reply) => {
    if (reply.kind === 'success') showRole(options.root, signedIn, reply.body)
  })
  void keepRefreshing()
}
