import { bodyOf } from '@floodgate/client'
import type { VoucherCampaign, VoucherDiscount } from '@floodgate/contracts'
import type { Command, Outcome } from '../command.ts'
import type { Input } from '../input.ts'
import { UsageError } from '../usage-error.ts'

const SALE = { name: 'sale', description: 'Id of the sale' }
const MINOR_MAX = Number.MAX_SAFE_INTEGER

function outcomeOf(campaigns: readonly VoucherCampaign[], data: unknown): Outcome {
  return {
    data,
    view: {
      kind: 'table',
      columns: ['campaign', 'discount', 'minimum', 'total', 'issued', 'reserved', 'used', 'from', 'until', 'name'],
      rows: campaigns.map((each) => [
        ...[each.campaign, discountText(each.discount), each.minimumMinor, each.total, each.issued, each.reserved],
        ...[each.used, each.validFrom, each.validUntil, each.name],
      ]),
      empty: 'The sale has no vouchers.',
    },
  }
}

function discountText(discount: VoucherDiscount): string {
  if (discount.kind === 'fixed') return `${discount.amountMinor}`
  return discount.capMinor === undefined
    ? `${discount.percent} %`
    : `${discount.percent} %, ${discount.capMinor} at most`
}

const list: Command = {
  name: 'vouchers list',
  summary: 'Lists the campaigns of vouchers of a sale, and how many are issued, reserved and used',
  description: 'Amounts are in the minor unit of the currency of its catalogue, such as cents.',
  arguments: [SALE],
  examples: ['floodgate vouchers list demo'],
  role: 'viewer',
  async run({ apps, input }) {
    const data = await bodyOf(apps.cores().listVoucherCampaigns({ params: { sale: input.argument('sale') } }))
    return outcomeOf(data.campaigns, data)
  },
}

/** Returns the discount with what is named; the rest stays as it is known. */
function discountOf(input: Input, known: VoucherDiscount | undefined): VoucherDiscount | undefined {
  const [amountMinor, cap, noCap] = [input.number('amount'), input.number('cap'), input.flag('no-cap')]
  const share = known?.kind === 'percentage' ? known : undefined
  if (amountMinor !== undefined && input.number('percent') !== undefined)
    throw new UsageError('A voucher has an --amount or a --percent, not both.')
  if (cap !== undefined && noCap) throw new UsageError('A voucher has a --cap or --no-cap, not both.')
  const percent = amountMinor === undefined ? (input.number('percent') ?? share?.percent) : undefined
  if ((cap !== undefined || noCap) && percent === undefined) throw new UsageError('--cap needs --percent.')
  if (amountMinor !== undefined) return { kind: 'fixed', amountMinor }
  if (percent === undefined) return known
  const capMinor = noCap ? undefined : (cap ?? share?.capMinor)
  return { kind: 'percentage', percent, ...(capMinor === undefined ? {} : { capMinor }) }
}

const timeOf = (text: string | undefined, known: string | null): string | null =>
  text === undefined ? known : text === 'none' ? null : text

const set: Command = {
  name: 'vouchers set',
  summary: 'Creates a campaign of vouchers, or changes what is named. Safe to repeat',
  description:
    'A change that somebody else makes meanwhile is not overwritten: the command is rejected, and can be repeated. Amounts are in the minor unit of the currency of the catalogue, such as cents. Once a voucher is issued, its discount and its minimum stay, and the total falls to no less than what is issued. End a campaign early by --valid-until.',
  arguments: [SALE, { name: 'campaign', description: 'Id of the campaign, which orders name as their voucher' }],
  options: {
    name: { type: 'string', value: 'TEXT', description: 'Name for buyers' },
    amount: { type: 'number', value: 'N', min: 1, max: MINOR_MAX, description: 'Takes this much off an order' },
    percent: { type: 'number', value: 'N', min: 1, max: 100, description: 'Takes this share of its items off' },
    cap: { type: 'number', value: 'N', min: 1, max: MINOR_MAX, description: 'With --percent: at most this much' },
    'no-cap': { type: 'boolean', description: 'Takes the whole share off, without a cap' },
    total: { type: 'number', value: 'N', min: 1, max: 5_000_000, description: 'How many buyers can claim one' },
    minimum: {
      type: 'number',
      value: 'N',
      min: 0,
      max: MINOR_MAX,
      description: 'What the items must cost; 0 by default',
    },
    'valid-from': { type: 'string', value: 'TIME', description: 'RFC 3339; none for at once, the default' },
    'valid-until': { type: 'string', value: 'TIME', description: 'RFC 3339; none for the whole sale, the default' },
  },
  examples: [
    'floodgate vouchers set demo spring --name "Spring voucher" --percent 20 --cap 1000 --total 1000',
    'floodgate vouchers set demo spring --total 1500',
  ],
  role: 'operator',
  async run({ apps, input }) {
    const params = { sale: input.argument('sale'), campaign: input.argument('campaign') }
    const found = await apps.cores().readVoucherCampaign({ params })
    const known = found.status === 404 ? undefined : await bodyOf(found)
    const etag = found.headers.get('etag') ?? '*'
    const name = input.text('name') ?? known?.name
    const discount = discountOf(input, known?.discount)
    const total = input.number('total') ?? known?.total
    if (name === undefined || discount === undefined || total === undefined)
      throw new UsageError('A new campaign needs --name, --total, and --amount or --percent.')
    const saved = await bodyOf(
      apps.cores().putVoucherCampaign({
        params,
        headers: known === undefined ? { 'if-none-match': '*' } : { 'if-match': etag },
        body: {
          ...{ name, discount, total },
          minimumMinor: input.number('minimum') ?? known?.minimumMinor ?? 0,
          validFrom: timeOf(input.text('valid-from'), known?.validFrom ?? null),
          validUntil: timeOf(input.text('valid-until'), known?.validUntil ?? null),
        },
      }),
    )
    return outcomeOf([saved], saved)
  },
}

export const voucherCommands: readonly Command[] = [list, set]
