import type { Bench } from '../bench.ts'
import { confirmSeedBench } from './confirm-seed-bench.ts'
import { mailSeedBench } from './mail-seed-bench.ts'
import { orderSeedBenches } from './order-seed-bench.ts'
import { visitSeedBench } from './visit-seed-bench.ts'
import { voucherSeedBenches } from './voucher-seed-bench.ts'

/** The loads of the five shops but L10, which k6 sends, by their numbers. */
export const seedBenches: readonly Bench[] = [
  ...orderSeedBenches,
  confirmSeedBench,
  mailSeedBench,
  visitSeedBench,
  ...voucherSeedBenches,
].toSorted((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }))
