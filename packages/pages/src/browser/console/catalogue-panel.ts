import type { CatalogueBody } from '@floodgate/contracts'
import { h } from '../shared/dom.ts'
import { fieldOf } from './forms.ts'
import { complaintOf, isCatalogueChanged, type Operator } from './operator.ts'
import { NEEDS_OPERATOR } from './role.ts'

type Item = CatalogueBody['items'][number]

const columns = [
  { key: 'sku', label: 'SKU' },
  { key: 'name', label: 'Name' },
  { key: 'listPriceMinor', label: 'List price', min: 0 },
  { key: 'salePriceMinor', label: 'Sale price', min: 0 },
  { key: 'total', label: 'Units', min: 0 },
  { key: 'perBuyerLimit', label: 'Per buyer', min: 1 },
] as const satisfies readonly { key: keyof Item; label: string; min?: number }[]

const itemRow = (item: Item | undefined, at: number) => {
  const cells = columns.map(({ key, label, ...rest }) => ({
    key,
    input: h('input', {
      type: 'min' in rest ? 'number' : 'text',
      min: 'min' in rest ? rest.min : null,
      value: item?.[key] ?? '',
      // Stock is counted by SKU: only the other values of an existing item can change.
      readonly: key === 'sku' && item !== undefined,
      required: true,
      autocomplete: 'off',
      'aria-label': `${label}, item ${at + 1}`,
    }),
  }))
  const textIn = (key: keyof Item) => cells.find((cell) => cell.key === key)?.input.value.trim() ?? ''
  return {
    element: h('tr', {}, ...cells.map(({ input }) => h('td', {}, input))),
    first: cells[0]?.input,
    read: (): Item => ({
      sku: textIn('sku'),
      name: textIn('name'),
      listPriceMinor: Number(textIn('listPriceMinor')),
      salePriceMinor: Number(textIn('salePriceMinor')),
      total: Number(textIn('total')),
      perBuyerLimit: Number(textIn('perBuyerLimit')),
    }),
  }
}

/** Builds the catalogue form of a sale: every item can be changed, and others added. Nothing is ever removed here. */
export function cataloguePanel(
  operator: Operator,
  options: { sale: string; onComplaint(complaint: string | undefined): void },
): HTMLElement {
  const { sale, onComplaint } = options
  const place = h('div', {})

  const save = async (wanted: CatalogueBody, how: Parameters<Operator['saveCatalogue']>[2]) => {
    const reply = await operator.saveCatalogue(sale, wanted, how)
    onComplaint(complaintOf(reply))
    if (isCatalogueChanged(reply)) await load()
    if (reply.kind === 'success') show(reply.body, { note: 'Saved.', etag: reply.etag })
  }

  const show = (catalogue: CatalogueBody | undefined, { note, etag }: { note: string; etag: string | undefined }) => {
    const rows = (catalogue?.items ?? [undefined]).map((item, at) => itemRow(item, at))
    const body = h('tbody', {}, ...rows.map(({ element }) => element))
    const currency = fieldOf({ name: 'currency', label: 'Currency', value: catalogue?.currency ?? 'EUR' })
    const cancelWithin = fieldOf({
      ...{ name: 'cancelWithin', label: 'Buyers may cancel a paid order for (s), 0 = never', type: 'number', min: 0 },
      value: String(catalogue?.cancelWithinSeconds ?? 0),
    })
    const add = () => {
      const row = itemRow(undefined, rows.length)
      rows.push(row)
      body.append(row.element)
      row.first?.focus()
    }
    const form: HTMLFormElement = h(
      'form',
      {
        onsubmit: (event) => {
          event.preventDefault()
          const values = new FormData(form)
          const items = rows.map((row) => row.read())
          const raiseTotals = values.get('raise') !== null
          const cancelWithinSeconds = Number(values.get('cancelWithin'))
          void save(
            {
              currency: String(values.get('currency') ?? '').trim(),
              // An older order core rejects it.
              ...(cancelWithinSeconds > 0 && { cancelWithinSeconds }),
              items,
            },
            { replaces: etag ?? 'none', raiseTotals },
          )
        },
      },
      h('div', { class: 'fields' }, currency, cancelWithin),
      h(
        'div',
        { class: 'scroll spaced' },
        h(
          'table',
          {},
          h('thead', {}, h('tr', {}, ...columns.map(({ label }) => h('th', { scope: 'col' }, label)))),
          body,
        ),
      ),
      // Ends the sale of an item while it sells: its total becomes the number held and sold by then.
      h(
        'label',
        { class: 'choice', ...NEEDS_OPERATOR },
        h('input', { type: 'checkbox', name: 'raise' }),
        h(
          'span',
          {},
          'Raise units to what is held and sold',
          h('small', {}, 'With 0 units an item is sold out at once.'),
        ),
      ),
      h(
        'div',
        { class: 'actions', ...NEEDS_OPERATOR },
        h('button', { type: 'button', class: 'quiet', onclick: add }, 'Add an item'),
        h('button', { type: 'submit', class: 'quiet' }, 'Save the catalogue'),
        h('span', { role: 'status' }, note),
      ),
    )
    place.replaceChildren(form)
  }

  const load = async (): Promise<void> => {
    const reply = await operator.catalogue(sale)
    if (reply.kind === 'success') return show(reply.body, { note: '', etag: reply.etag })
    if (isMissing(reply)) return show(undefined, { note: '', etag: undefined })
    place.replaceChildren(
      h('p', { class: 'alert' }, complaintOf(reply)),
      h('button', { type: 'button', class: 'quiet', onclick: () => void load() }, 'Try again'),
    )
  }

  void load()
  return h(
    'section',
    { class: 'card wide', 'aria-labelledby': 'catalogue-title' },
    h('h2', { id: 'catalogue-title' }, 'Catalogue'),
    h('p', { class: 'small' }, 'Prices in the currency’s smallest unit: 1250 is €12.50.'),
    place,
  )
}

const isMissing = (reply: Awaited<ReturnType<Operator['catalogue']>>): boolean =>
  reply.kind === 'rejected' && reply.problem.status === 404
