import type { VoucherCampaign, VoucherDiscount } from '@floodgate/contracts'
import { h } from '../shared/dom.ts'
import { fieldOf, formOf } from './forms.ts'
import type { Operator } from './operator.ts'
import { timeField } from './time-field.ts'

export interface TypedCampaign {
  readonly campaign: string
  readonly body: Parameters<Operator['saveVoucher']>[1]
}

const KINDS = [
  ['percentage', 'A share of the price'],
  ['fixed', 'An amount'],
] as const

function typedDiscount(value: (name: string) => string): VoucherDiscount {
  if (value('kind') === 'fixed') return { kind: 'fixed', amountMinor: Number(value('amount')) }
  const cap = value('cap')
  return { kind: 'percentage', percent: Number(value('percent')), ...(cap === '' ? {} : { capMinor: Number(cap) }) }
}

const textOf = (value: number | undefined): string => (value === undefined ? '' : String(value))

/** Builds the form of a campaign: a new one, or one that is known. Shows the fields of the chosen kind of discount only. */
export function campaignForm({
  known,
  note,
  onSave,
}: {
  readonly known: VoucherCampaign | undefined
  /** Shown beside the button. */
  readonly note: string
  onSave(typed: TypedCampaign): void
}): HTMLFormElement {
  const discount = known?.discount
  const share = discount?.kind === 'percentage' ? discount : undefined
  const id = fieldOf({ name: 'campaign', label: 'Id (a-z, 0-9, -)', value: known?.campaign ?? '' })
  id.querySelector('input')?.toggleAttribute('readonly', known !== undefined)
  const kind = h(
    'select',
    { name: 'kind', onchange: () => showKind() },
    ...KINDS.map(([value, label]) => h('option', { value, selected: value === discount?.kind }, label)),
  )
  const number = { type: 'number', min: 1 } as const
  const amount = fieldOf({
    ...{ name: 'amount', label: 'Takes off', ...number },
    value: textOf(discount?.kind === 'fixed' ? discount.amountMinor : undefined),
  })
  const percent = fieldOf({
    ...{ name: 'percent', label: 'Takes off (%)', ...number, max: 100, value: textOf(share?.percent) },
  })
  const cap = fieldOf({ name: 'cap', label: 'At most', ...number, required: false, value: textOf(share?.capMinor) })
  const from = timeField({ name: 'validFrom', label: 'Valid from', at: known?.validFrom ?? null })
  const until = timeField({ name: 'validUntil', label: 'Valid until', at: known?.validUntil ?? null })
  const form = formOf({
    fields: [
      id,
      fieldOf({ name: 'name', label: 'Name for buyers', value: known?.name ?? '' }),
      h('label', { class: 'field' }, 'Discount', kind),
      ...[amount, percent, cap],
      fieldOf({ name: 'total', label: 'How many', ...number, value: textOf(known?.total) }),
      fieldOf({
        ...{ name: 'minimum', label: 'Items must cost, at least', type: 'number', min: 0 },
        value: String(known?.minimumMinor ?? 0),
      }),
      ...[from.element, until.element],
    ],
    submit: known === undefined ? 'Create the campaign' : 'Save the campaign',
    onSubmit: (value) =>
      onSave({
        campaign: value('campaign'),
        body: {
          name: value('name'),
          discount: typedDiscount(value),
          total: Number(value('total')),
          minimumMinor: Number(value('minimum')),
          validFrom: from.read(),
          validUntil: until.read(),
        },
      }),
  })
  function showKind() {
    const isFixed = kind.value === 'fixed'
    show(amount, isFixed)
    show(percent, !isFixed)
    show(cap, !isFixed)
  }
  showKind()
  form.lastElementChild?.append(h('span', { role: 'status' }, note))
  return form
}

/** Hides a field, whose value the browser then does not check. */
function show(field: HTMLElement, isShown: boolean) {
  field.hidden = !isShown
  const input = field.querySelector('input')
  if (input !== null) input.disabled = !isShown
}
