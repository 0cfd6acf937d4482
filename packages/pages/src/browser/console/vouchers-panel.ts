import type { VoucherCampaign } from '@floodgate/contracts'
import { h } from '../shared/dom.ts'
import { figure } from '../shared/words.ts'
import { changing } from './changing.ts'
import { tableOf } from './forms.ts'
import { zonedText } from './local-time.ts'
import { complaintOf, isCampaignChanged, type Operator } from './operator.ts'
import { NEEDS_OPERATOR } from './role.ts'
import { campaignForm, type TypedCampaign } from './voucher-form.ts'

const NEW = ''

function discountText({ discount }: VoucherCampaign): string {
  if (discount.kind === 'fixed') return figure(discount.amountMinor)
  const cap = discount.capMinor === undefined ? '' : `, ${figure(discount.capMinor)} at most`
  return `${discount.percent} %${cap}`
}

const cellsOf = (campaign: VoucherCampaign) => [
  ...[campaign.campaign, campaign.name, discountText(campaign), figure(campaign.minimumMinor)],
  ...[campaign.total, campaign.issued, campaign.reserved, campaign.used].map(figure),
  ...[campaign.validFrom, campaign.validUntil].map((at) => (at === null ? '' : zonedText(at))),
]

/** Builds the panel with the campaigns of vouchers of a sale, which creates and changes them. None is ever removed. */
export function vouchersPanel(
  operator: Operator,
  options: { sale: string; onComplaint(complaint: string | undefined): void },
) {
  const { sale, onComplaint } = options
  const listed = changing()
  const form = h('div', {})
  const select = h('select', { onchange: () => void choose(select.value) })

  const update = (reply: Awaited<ReturnType<Operator['vouchers']>>) => {
    const missing = reply.kind === 'rejected' && reply.problem.status === 404
    const complaint = missing ? 'Vouchers need a catalogue.' : complaintOf(reply)
    const campaigns = reply.kind === 'success' ? reply.body.campaigns : []
    if (reply.kind === 'success') showChoices(campaigns.map(({ campaign }) => campaign))
    listed.show(JSON.stringify([complaint, campaigns]), () => {
      if (complaint !== undefined) return h('p', {}, complaint)
      if (campaigns.length === 0) return h('p', {}, 'The sale has no vouchers.')
      return tableOf(
        'Campaigns',
        ['Campaign', 'Name', 'Takes off#', 'Minimum#', 'Total#', 'Issued#', 'Reserved#', 'Used#', 'From', 'Until'],
        campaigns.map(cellsOf),
      )
    })
  }
  // Counts change each second in a rush; the choices stay open then.
  let choices: string | undefined
  const showChoices = (ids: readonly string[]) => {
    if (choices === ids.join()) return
    choices = ids.join()
    const chosen = select.value
    select.replaceChildren(
      h('option', { value: NEW }, 'A new campaign'),
      ...ids.map((id) => h('option', { value: id, selected: id === chosen }, id)),
    )
  }

  const choose = async (campaign: string) => {
    if (campaign === NEW) return fill(undefined, undefined)
    const reply = await operator.voucher({ sale, campaign })
    // Another choice may be made meanwhile.
    if (select.value !== campaign) return
    if (reply.kind === 'success') fill(reply.body, reply.etag)
    else onComplaint(complaintOf(reply))
  }
  const fill = (known: VoucherCampaign | undefined, etag: string | undefined, note = '') =>
    form.replaceChildren(campaignForm({ known, note, onSave: (typed) => void save(typed, etag) }))

  const save = async ({ campaign, body }: TypedCampaign, etag: string | undefined) => {
    const reply = await operator.saveVoucher({ sale, campaign }, body, etag ?? 'none')
    if (isCampaignChanged(reply) && etag === undefined)
      return onComplaint(`A campaign “${campaign}” already exists. Choose it to change it.`)
    onComplaint(complaintOf(reply))
    if (isCampaignChanged(reply)) await choose(campaign)
    if (reply.kind !== 'success') return
    update(await operator.vouchers(sale))
    select.value = campaign
    fill(reply.body, reply.etag, 'Saved.')
  }

  showChoices([])
  fill(undefined, undefined)
  return {
    element: h(
      'section',
      { class: 'card wide', 'aria-labelledby': 'vouchers-title' },
      h('h2', { id: 'vouchers-title' }, 'Vouchers'),
      h('p', { class: 'small' }, 'Amounts in the smallest unit of the catalogue’s currency.'),
      listed.place,
      h(
        'div',
        { class: 'spaced', ...NEEDS_OPERATOR },
        h('label', { class: 'field' }, 'Campaign to create or change', select),
        form,
      ),
    ),
    update,
  }
}
