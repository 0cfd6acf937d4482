import { h, setText } from '../shared/dom.ts'
import { figure } from '../shared/words.ts'
import { confirmAct } from './confirm.ts'
import { fairnessRows } from './fairness-rows.ts'
import {
  fieldOf,
  formOf,
  framesField,
  identityFields,
  identityValues,
  type LanguageName,
  languageField,
  paceFields,
  returnFields,
  typedSettings,
} from './forms.ts'
import { isPossible } from './possible-acts.ts'
import { NEEDS_OPERATOR } from './role.ts'
import { questionFor } from './sale-questions.ts'
import { type SaleAct, type SalePutInput, type SaleResource, saleAct } from './sale-types.ts'
import { timeField, timesText } from './time-field.ts'

const actLabels: Readonly<Record<SaleAct, string>> = {
  open: 'Open',
  pause: 'Pause',
  resume: 'Resume',
  close: 'Close',
  reopen: 'Reopen',
}
const countNames = ['waiting', 'away', 'active', 'admitted', 'returned', 'joined'] as const

/** A process of an older version omits it, and has the default. */
const extensionsOf = (sale: Partial<SaleResource>): number => sale.extensionsMax ?? 2

/** A process of an older version omits both. */
const returnOf = (sale: Partial<SaleResource>) => ({
  returnOrigins: sale.returnOrigins ?? [],
  defaultReturnUrl: sale.defaultReturnUrl ?? null,
})

const settingsOf = (sale: SaleResource): SalePutInput => ({
  name: sale.name,
  admitPerSecond: sale.admitPerSecond,
  maxActive: sale.maxActive,
  admissionTtlSeconds: sale.admissionTtlSeconds,
  claimSeconds: sale.claimSeconds,
  returnSeconds: sale.returnSeconds,
  extensionsMax: extensionsOf(sale),
  opensAt: sale.opensAt,
  closesAt: sale.closesAt,
  // A process of an older version omits it.
  frameOrigins: sale.frameOrigins ?? [],
  ...returnOf(sale),
  identity: sale.identity ?? null,
  language: sale.language ?? null,
})

const formValues = (sale: SaleResource) => ({
  name: sale.name,
  rate: String(sale.admitPerSecond),
  maxActive: String(sale.maxActive),
  ttl: String(sale.admissionTtlSeconds),
  claim: String(sale.claimSeconds),
  return: String(sale.returnSeconds),
  extensions: String(extensionsOf(sale)),
  frames: (sale.frameOrigins ?? []).join(' '),
  returnOrigins: returnOf(sale).returnOrigins.join(' '),
  defaultReturnUrl: returnOf(sale).defaultReturnUrl ?? '',
  ...identityValues(sale.identity ?? null),
  language: sale.language ?? '',
})

/** Builds the card of one sale: its state and figures, its actions, and the settings that can change while it runs. */
export function saleCard(options: {
  sale: SaleResource
  languages: readonly LanguageName[]
  onAct(act: SaleAct): void
  /** Resolves to whether the form must show the sale as it is now: the change was made, or the form was out of date. */
  onSave(settings: SalePutInput): Promise<boolean>
}) {
  let current = options.sale
  /** The version that the form was filled from: a change applies to it only. */
  let shown = options.sale
  const state = h('span', { class: 'state' })
  const act = async (name: SaleAct) => {
    const question = questionFor(name, current)
    if (question === undefined || (await confirmAct(question))) options.onAct(name)
  }
  const acts = saleAct.map((name) => ({
    act: name,
    button: h('button', { type: 'button', class: 'quiet', onclick: () => void act(name) }, actLabels[name]),
  }))
  const counts = countNames.map((name) => ({ name, value: h('dd') }))
  const fairness = fairnessRows.map((row) => ({ ...row, value: h('dd') }))
  const times = h('p', {})
  const opening = timeField({ name: 'opensAt', label: 'Opens at', at: current.opensAt })
  const closing = timeField({ name: 'closesAt', label: 'Closes at', at: current.closesAt })
  const settings = formOf({
    fields: [
      fieldOf({ name: 'name', label: 'Name', value: current.name }),
      ...paceFields({ ...current, extensionsMax: extensionsOf(current) }),
      ...[opening.element, closing.element],
      framesField(current.frameOrigins ?? []),
      ...returnFields(returnOf(current)),
      ...identityFields(current.identity ?? null),
      languageField(options.languages, current.language ?? null),
    ],
    submit: 'Apply',
    actions: NEEDS_OPERATOR,
    onSubmit: (value) => {
      const wanted = {
        ...settingsOf(shown),
        version: shown.version,
        ...typedSettings(value),
        opensAt: opening.read(),
        closesAt: closing.read(),
      }
      void options.onSave(wanted).then((isOver) => isOver && fill(current))
    },
  })
  const field = (name: string) => settings.querySelector<HTMLInputElement | HTMLSelectElement>(`[name="${name}"]`)
  const fill = (sale: SaleResource) => {
    shown = sale
    for (const [name, value] of Object.entries(formValues(sale))) {
      const input = field(name)
      if (input !== null) input.value = value
    }
    opening.show(sale.opensAt)
    closing.show(sale.closesAt)
  }
  const isTouched = () =>
    Object.entries(formValues(shown)).some(([name, value]) => field(name)?.value !== value) ||
    opening.isTouched() ||
    closing.isTouched() ||
    settings.contains(document.activeElement)
  const update = (sale: SaleResource) => {
    current = sale
    setText(state, sale.state)
    state.className = `state state-${sale.state}`
    setText(times, timesText(sale))
    for (const { act: name, button } of acts) button.disabled = !isPossible(name, sale.state)
    for (const { name, value } of counts) setText(value, figure(sale.counts[name]))
    for (const { of, value } of fairness) setText(value, of(sale.fairness))
    if (sale.version === shown.version) return
    // Only the state differs, because of an action: the form shows the settings, and stays unchanged.
    const sameSettings = JSON.stringify(settingsOf(sale)) === JSON.stringify(settingsOf(shown))
    if (sameSettings) shown = sale
    else if (!isTouched()) fill(sale)
  }
  update(current)
  const element = h(
    'section',
    { class: 'card', 'aria-labelledby': 'sale-title' },
    h('h2', { id: 'sale-title' }, current.name, ' ', state),
    h('p', {}, h('a', { href: `/sales/${current.id}` }, `Buyer page /sales/${current.id}`)),
    times,
    h('div', { class: 'actions', ...NEEDS_OPERATOR }, ...acts.map(({ button }) => button)),
    h('dl', { class: 'counts' }, ...counts.map(({ name, value }) => h('div', {}, h('dt', {}, name), value))),
    h('h2', { class: 'spaced' }, 'Fairness'),
    h('dl', { class: 'counts' }, ...fairness.map(({ label, value }) => h('div', {}, h('dt', {}, label), value))),
    h('h2', { class: 'spaced' }, 'Settings'),
    settings,
  )
  return { element, update, sale: () => current }
}
