import type { LogEntry, StockAudit, TraceStep } from '@floodgate/contracts'
import { h } from '../shared/dom.ts'
import { figure } from '../shared/words.ts'
import { changing } from './changing.ts'
import {
  fieldOf,
  formOf,
  framesField,
  identityFields,
  type LanguageName,
  languageField,
  paceFields,
  returnFields,
  tableOf,
  typedSettings,
} from './forms.ts'
import { complaintOf, isChangedMeanwhile, type Operator } from './operator.ts'
import { timeField } from './time-field.ts'

const panel = (title: string, ...parts: HTMLElement[]) => h('section', { class: 'card' }, h('h2', {}, title), ...parts)

const agreement = (agree: boolean): string => (agree ? '✓ agree' : '✗ differ')

export function stockPanel(...parts: readonly HTMLElement[]) {
  const { place, show } = changing()
  const rows = (audit: StockAudit) =>
    audit.skus.map(({ sku, total, agree, redis, postgres }) => [
      sku,
      figure(total),
      `${figure(redis.available)} / ${figure(postgres.available)}`,
      `${figure(redis.held)} / ${figure(postgres.held)}`,
      `${figure(redis.sold)} / ${figure(postgres.sold)}`,
      agreement(agree),
    ])
  const voucherRows = ({ vouchers = [] }: StockAudit) =>
    vouchers.map(({ campaign, total, agree, claimed, issued }) => [
      ...[`Vouchers: ${campaign}`, figure(total), `${figure(total - claimed)} / ${figure(total - issued)}`],
      ...['', `${figure(claimed)} / ${figure(issued)}`, agreement(agree)],
    ])
  return {
    element: panel('Stock', h('p', { class: 'small' }, 'Redis / Postgres'), place, ...parts),
    update: (audit: StockAudit) =>
      show(JSON.stringify(audit), () =>
        tableOf(
          'Units of each item',
          ['SKU', 'Total#', 'Available#', 'Held#', 'Sold#', 'Agree'],
          [...rows(audit), ...voucherRows(audit)],
        ),
      ),
    complain: (complaint: string) => show(complaint, () => h('p', { class: 'alert' }, complaint)),
  }
}

const entryText = ({ kind, place, count, act, reason }: LogEntry): string =>
  [
    kind,
    act,
    count === undefined ? undefined : `× ${count}`,
    place === undefined ? undefined : `place ${place}`,
    reason,
  ]
    .filter((part) => part !== undefined)
    .join(' ')

export function logPanel() {
  const { place, show } = changing()
  return {
    element: panel('Log', place),
    update: (entries: readonly LogEntry[]) =>
      show(entries.at(-1)?.id ?? '', () =>
        tableOf(
          'What happened',
          ['Time', 'What happened'],
          entries.toReversed().map((entry) => [entry.at.slice(11, 23), entryText(entry)]),
        ),
      ),
  }
}

const stepRows = (steps: readonly TraceStep[]) => {
  const sorted = steps.toSorted((a, b) => a.at.localeCompare(b.at))
  const first = Date.parse(sorted[0]?.at ?? '')
  return sorted.map(({ at, app, step, detail }) => [`+${Date.parse(at) - first} ms`, app, step, detail ?? ''])
}

export function tracePanel(operator: Operator) {
  const result = h('div', { role: 'status' })
  const look = async (order: string) => {
    const { replies } = await operator.trace(order)
    const steps = replies.flatMap((reply) => (reply.kind === 'success' ? reply.body.steps : []))
    const complaints = replies
      .filter((reply) => reply.kind === 'unreachable' || (reply.kind === 'rejected' && reply.problem.status !== 404))
      .map((reply) => h('p', { class: 'alert' }, complaintOf(reply)))
    result.replaceChildren(
      ...complaints,
      steps.length === 0
        ? h('p', {}, 'No app knows this order.')
        : tableOf('Steps', ['After#', 'App', 'Step', 'Detail'], stepRows(steps)),
    )
  }
  return panel(
    'One purchase',
    formOf({
      fields: [fieldOf({ name: 'order', label: 'Order id', value: '' })],
      submit: 'Show trace',
      onSubmit: (value) => void look(value('order')),
    }),
    result,
  )
}

export function newSalePanel(
  operator: Operator,
  options: {
    languages: readonly LanguageName[]
    onDone(sale: string): void
    onComplaint(complaint: string | undefined): void
  },
) {
  const opening = timeField({ name: 'opensAt', label: 'Opens at', at: null })
  const closing = timeField({ name: 'closesAt', label: 'Closes at', at: null })
  const create = async (value: (name: string) => string) => {
    const id = value('id')
    const reply = await operator.save(id, {
      version: 0,
      ...typedSettings(value),
      opensAt: opening.read(),
      closesAt: closing.read(),
    })
    const complaint = isChangedMeanwhile(reply)
      ? `A sale “${id}” already exists. Choose it above to change it.`
      : complaintOf(reply)
    options.onComplaint(complaint)
    if (complaint === undefined) options.onDone(id)
  }
  return panel(
    'New sale',
    formOf({
      fields: [
        fieldOf({ name: 'id', label: 'Id (a-z, 0-9, -)', value: '' }),
        fieldOf({ name: 'name', label: 'Name', value: '' }),
        ...paceFields({
          ...{ admitPerSecond: 5, maxActive: 100, admissionTtlSeconds: 300 },
          ...{ claimSeconds: 60, returnSeconds: 600, extensionsMax: 2 },
        }),
        ...[opening.element, closing.element],
        framesField([]),
        ...returnFields({ returnOrigins: [], defaultReturnUrl: null }),
        ...identityFields(null),
        languageField(options.languages, null),
      ],
      submit: 'Create the sale',
      onSubmit: (value) => void create(value),
    }),
    h('p', { class: 'small spaced' }, 'Without a time it opens, or closes, by hand. Add its catalogue afterwards.'),
  )
}
