import { BlockList, isIPv6 } from 'node:net'

/** Addresses by which every machine reaches itself. */
const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('0.0.0.0', 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')
LOOPBACK.addAddress('::', 'ipv6')
const LOCAL_NAME = /(?:^|\.)localhost\.?$/

/** Tells whether every machine reaches itself at this address. */
export function isLoopback(url: string): boolean {
  const host = new URL(url).hostname.replaceAll(/[[\]]/g, '')
  return LOCAL_NAME.test(host) || LOOPBACK.check(host, isIPv6(host) ? 'ipv6' : 'ipv4')
}

export interface LinkSettings {
  readonly environment: 'production' | 'development'
  readonly orderLinkDays: number
  readonly remindersPerSaleMax: number
  readonly waitingRoomUrl: string
}

/**
 * Returns the problem when mails of production would carry links that lead every buyer to their own machine; otherwise
 * none. Pure.
 */
export function linkSiteProblems(settings: LinkSettings): readonly string[] {
  const { environment, orderLinkDays, remindersPerSaleMax, waitingRoomUrl } = settings
  const hasLinks = orderLinkDays > 0 || remindersPerSaleMax > 0
  if (environment !== 'production' || !hasLinks || !isLoopback(waitingRoomUrl)) return []
  return [
    `WAITING_ROOM_URL is ${waitingRoomUrl}, which no buyer can open from a mail. Set it to the address where buyers reach the waiting room, or ORDER_LINK_DAYS and REMINDERS_PER_SALE_MAX to 0 for mails without a link and no reminders.`,
  ]
}
