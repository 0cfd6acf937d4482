import { h, setText } from '../shared/dom.ts'
import { figure } from '../shared/words.ts'
import { fieldOf, formOf, paceFields } from './forms.ts'
import { isPossible } from './possible-acts.ts'
import { type SaleAct, type SaleResource, type SaleSettings, saleAct } from './sale-types.ts'

const actLabels: Readonly<Record<SaleAct, string>> = { open: 'Open', pause: 'Pause', resume: 'Resume', close: 'Close' }
const countNames = ['waiting', 'away', 'active', 'admitted', 'returned', 'joined'] as const

const settingsOf = (sale: SaleResource): SaleSettings => ({
  name: sale.name,
  admitPerSecond: sale.admitPerSecond,
  maxActive: sale.maxActive,
  admissionTtlSeconds: sale.admissionTtlSeconds,
  opensAt: sale.opensAt,
  closesAt: sale.closesAt,
})

/** One sale: its state and figures, what can be done with it, and what can be changed while it runs. */
export const saleCard = (options: {
  sale: SaleResource
  onAct: (act: SaleAct) => void
  onSave: (settings: SaleSettings) => void
}) => {
  let current = options.sale
  const state = h('span', { class: 'state' })
  const acts = saleAct.map((act) => ({
    act,
    button: h('button', { type: 'button', class: 'quiet', onclick: () => options.onAct(act) }, actLabels[act]),
  }))
  const counts = countNames.map((name) => ({ name, value: h('dd') }))
  const settings = formOf({
    fields: [fieldOf({ name: 'name', label: 'Name', value: current.name }), ...paceFields(current)],
    submit: 'Apply',
    onSubmit: (value) =>
      options.onSave({
        ...settingsOf(current),
        name: value('name'),
        admitPerSecond: Number(value('rate')),
        maxActive: Number(value('maxActive')),
        admissionTtlSeconds: Number(value('ttl')),
      }),
  })
  const update = (sale: SaleResource) => {
    current = sale
    setText(state, sale.state)
    state.className = `state state-${sale.state}`
    for (const { act, button } of acts) button.disabled = !isPossible(act, sale.state)
    for (const { name, value } of counts) setText(value, figure(sale.counts[name]))
  }
  update(current)
  const element = h(
    'section',
    { class: 'card', 'aria-labelledby': 'sale-title' },
    h('h2', { id: 'sale-title' }, current.name, ' ', state),
    h('p', {}, h('a', { href: `/sales/${current.id}` }, `Buyer page /sales/${current.id}`)),
    h('div', { class: 'actions' }, ...acts.map(({ button }) => button)),
    h('dl', { class: 'counts' }, ...counts.map(({ name, value }) => h('div', {}, h('dt', {}, name), value))),
    h('h2', { class: 'spaced' }, 'Settings'),
    settings,
  )
  return { element, update }
}
