import { h } from '../shared/dom.ts'
import type { SalePutInput, SaleResource } from './sale-types.ts'

interface Field {
  readonly name: string
  readonly label: string
  readonly value: string
  readonly type?: 'text' | 'number'
  readonly min?: number
  readonly max?: number
  readonly step?: number | 'any'
  readonly required?: boolean
}

export function fieldOf({ name, label, value, type = 'text', min, max, step, required = true }: Field): HTMLElement {
  return h(
    'label',
    { class: 'field' },
    label,
    h('input', { name, value, type, min, max, step, required, autocomplete: 'off' }),
  )
}

type Pace = Pick<
  SaleResource,
  'admitPerSecond' | 'maxActive' | 'admissionTtlSeconds' | 'claimSeconds' | 'returnSeconds' | 'extensionsMax'
>

/** Fields for how fast a sale admits buyers, for how long, and how long it waits for absent ones. */
export function paceFields(pace: Pace) {
  return [
    { name: 'rate', label: 'Admissions per second', value: pace.admitPerSecond, min: 0.1, step: 'any' as const },
    { name: 'maxActive', label: 'Turns at the same time', value: pace.maxActive, min: 1 },
    { name: 'ttl', label: 'Time to buy (s)', value: pace.admissionTtlSeconds, min: 10 },
    { name: 'claim', label: 'Time to show up (s), 0 = no limit', value: pace.claimSeconds, min: 0 },
    { name: 'return', label: 'Time to return (s)', value: pace.returnSeconds, min: 0 },
    { name: 'extensions', label: 'Extensions of a minute, at most', value: pace.extensionsMax, min: 0, max: 10 },
  ].map((field) => fieldOf({ ...field, value: String(field.value), type: 'number' }))
}

/** Field for the origins whose pages may show the sale's page in a frame. */
export function framesField(origins: readonly string[]): HTMLElement {
  return fieldOf({
    name: 'frames',
    label: 'May be framed by (https://…, separated by spaces)',
    value: origins.join(' '),
    required: false,
  })
}

/** Fields for the shop that admitted buyers return to. */
export function returnFields(shop: Pick<SaleResource, 'returnOrigins' | 'defaultReturnUrl'>): readonly HTMLElement[] {
  return [
    fieldOf({
      name: 'returnOrigins',
      label: 'Buyers return to (https://…, separated by spaces)',
      value: shop.returnOrigins.join(' '),
      required: false,
    }),
    fieldOf({
      name: 'defaultReturnUrl',
      label: 'Return page by default (URL)',
      value: shop.defaultReturnUrl ?? '',
      required: false,
    }),
  ]
}

/** Returns the `identity` of a sale as the values of its fields. */
export function identityValues(identity: SaleResource['identity']) {
  return {
    identityMode: identity?.mode ?? '',
    issuer: identity?.issuer ?? '',
    audience: identity?.audience ?? '',
    jwksUrl: identity?.jwksUrl ?? '',
  }
}

const IDENTITY_MODES = [
  ['', 'None: everybody is anonymous'],
  ['accepted', 'Accepted'],
  ['required', 'Required'],
] as const

/** Fields for the accounts that a sale takes. */
export function identityFields(identity: SaleResource['identity']): readonly HTMLElement[] {
  const { identityMode, issuer, audience, jwksUrl } = identityValues(identity)
  const optional = { required: false }
  return [
    h(
      'label',
      { class: 'field' },
      'Accounts of the shop',
      h(
        'select',
        { name: 'identityMode' },
        ...IDENTITY_MODES.map(([value, label]) => h('option', { value, selected: value === identityMode }, label)),
      ),
    ),
    fieldOf({ name: 'issuer', label: 'Issuer of ID tokens (iss)', value: issuer, ...optional }),
    fieldOf({ name: 'audience', label: 'Audience of ID tokens (aud)', value: audience, ...optional }),
    fieldOf({ name: 'jwksUrl', label: 'Its keys: JWKS URL', value: jwksUrl, ...optional }),
  ]
}

function typedIdentity(value: (name: string) => string): SalePutInput['identity'] {
  const mode = value('identityMode')
  if (mode !== 'required' && mode !== 'accepted') return null
  return { mode, issuer: value('issuer'), audience: value('audience'), jwksUrl: value('jwksUrl') }
}

const typedOrigins = (typed: string): string[] => typed.split(/[\s,]+/).filter((part) => part !== '')

/** Parses the typed settings of a sale, except its times. */
export function typedSettings(value: (name: string) => string) {
  return {
    name: value('name'),
    admitPerSecond: Number(value('rate')),
    maxActive: Number(value('maxActive')),
    admissionTtlSeconds: Number(value('ttl')),
    claimSeconds: Number(value('claim')),
    returnSeconds: Number(value('return')),
    extensionsMax: Number(value('extensions')),
    frameOrigins: typedOrigins(value('frames')),
    returnOrigins: typedOrigins(value('returnOrigins')),
    defaultReturnUrl: value('defaultReturnUrl') || null,
    identity: typedIdentity(value),
    language: value('language') || null,
  }
}

/** An available language, as the page's document names it. */
export interface LanguageName {
  readonly tag: string
  readonly name: string
}

/** Field for the language of buyers. One that only a newer process knows stays selectable. */
export function languageField(languages: readonly LanguageName[], chosen: string | null): HTMLElement {
  const isKnown = languages.some(({ tag }) => tag === chosen)
  const option = ({ tag, name }: LanguageName) =>
    h('option', { value: tag, lang: tag === '' ? null : tag, selected: tag === (chosen ?? '') }, name)
  return h(
    'label',
    { class: 'field' },
    'Language for buyers',
    h(
      'select',
      { name: 'language' },
      option({ tag: '', name: 'The browser’s language' }),
      ...languages.map(option),
      chosen !== null && !isKnown && option({ tag: chosen, name: chosen }),
    ),
  )
}

/** Builds a form that passes on its values as typed, once the browser found them complete. */
export function formOf(options: {
  fields: readonly HTMLElement[]
  submit: string
  /** Attributes of the actions, such as those that hide them from viewers. */
  actions?: Readonly<Record<string, string>>
  onSubmit(value: (name: string) => string): void
}): HTMLFormElement {
  const form: HTMLFormElement = h(
    'form',
    {
      onsubmit: (event) => {
        event.preventDefault()
        const values = new FormData(form)
        options.onSubmit((name) => String(values.get(name) ?? '').trim())
      },
    },
    h('div', { class: 'fields' }, ...options.fields),
    h('div', { class: 'actions', ...options.actions }, h('button', { type: 'submit', class: 'quiet' }, options.submit)),
  )
  return form
}

/** Builds a table with a name of its own on the page; a column whose heading ends in `#` holds figures. */
export function tableOf(
  name: string,
  headings: readonly string[],
  rows: readonly (readonly (string | HTMLElement)[])[],
): HTMLElement {
  const kind = (column: number) => (headings[column]?.endsWith('#') ? 'number' : null)
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': name },
    h(
      'table',
      {},
      h(
        'thead',
        {},
        h('tr', {}, ...headings.map((each, at) => h('th', { scope: 'col', class: kind(at) }, each.replace('#', '')))),
      ),
      h('tbody', {}, ...rows.map((row) => h('tr', {}, ...row.map((cell, at) => h('td', { class: kind(at) }, cell))))),
    ),
  )
}
