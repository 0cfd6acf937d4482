import { type CountLimited, createEnforcedLimit, type EnforcedLimit } from '@floodgate/http'
import type { Config } from './config.ts'

/** The limits of one client address in this process (ADR 0018). */
export interface ClientLimits {
  readonly catalogue: EnforcedLimit
  /** Orders placed. */
  readonly orders: EnforcedLimit
  /** Vouchers claimed: as many as orders. */
  readonly claims: EnforcedLimit
  /** Orders read or cancelled. */
  readonly orderReads: EnforcedLimit
}

export function createClientLimits(
  config: Pick<Config, 'readsPerSecond' | 'readsBurst' | 'ordersPerSecond' | 'ordersBurst' | 'ipv6SiteFactor'>,
  countLimited: CountLimited,
): ClientLimits {
  const reads = { perSecond: config.readsPerSecond, burst: config.readsBurst }
  const orders = { perSecond: config.ordersPerSecond, burst: config.ordersBurst }
  const options = { countLimited, siteFactor: config.ipv6SiteFactor }
  return {
    catalogue: createEnforcedLimit({ name: 'catalogue', ...reads }, options),
    orders: createEnforcedLimit({ name: 'orders', ...orders }, options),
    claims: createEnforcedLimit({ name: 'claims', ...orders }, options),
    orderReads: createEnforcedLimit({ name: 'order-reads', ...reads }, options),
  }
}
