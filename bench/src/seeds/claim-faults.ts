import type { VoucherCampaign } from '@floodgate/contracts'
import type { OrderReport } from '../order-load/job.ts'
import { faults } from '../report/faults.ts'

interface Claimed {
  readonly reports: readonly Pick<OrderReport, 'statuses'>[]
  /** The campaign after the load, as the ledger has it. */
  readonly campaign: Pick<VoucherCampaign, 'issued' | 'total'>
  /** Vouchers in the ledger, and their buyers. */
  readonly vouchers: number
  readonly buyers: number
}

export function countOf(reports: readonly Pick<OrderReport, 'statuses'>[], status: string): number {
  return reports.reduce((sum, { statuses }) => sum + (statuses[status] ?? 0), 0)
}

/** Finds what must not happen to claims of different buyers: each gets a voucher until all are claimed. Pure. */
export function claimFaults({ reports, campaign, vouchers, buyers }: Claimed): readonly string[] {
  const sent = reports.reduce((sum, { statuses }) => sum + Object.values(statuses).reduce((all, n) => all + n, 0), 0)
  const claimed = countOf(reports, '201')
  const rejected = countOf(reports, '409')
  const wanted = Math.min(campaign.total, sent)
  return faults([
    [claimed !== wanted, `${claimed} buyers got a voucher, ${wanted} must`],
    [campaign.issued !== claimed, `${campaign.issued} vouchers are issued, ${claimed} buyers got one`],
    [vouchers !== claimed, `the ledger has ${vouchers} vouchers, ${claimed} buyers got one`],
    [buyers !== vouchers, `${vouchers} vouchers belong to ${buyers} buyers`],
    [claimed + rejected !== sent, `${sent - claimed - rejected} of ${sent} claims were neither accepted nor rejected`],
  ])
}
