import type { LedgerCheck } from './http/stock-audit.ts'

/** What each kind of difference within the ledger means. Imports only types: browsers load this file too. */
export const LEDGER_FINDINGS: Readonly<Record<LedgerCheck['findings'][number]['what'], string>> = {
  items: 'held or sold units are not those of the orders',
  limits: 'units of a buyer are not those of the orders',
  amounts: 'an order does not cost its items without its discount',
  refunds: 'an order does not count its refunds, or more than was paid',
  'refunded-units': 'more units are refunded than were bought',
  campaigns: 'a campaign does not count its vouchers',
  vouchers: 'a voucher and its order are out of step',
}
