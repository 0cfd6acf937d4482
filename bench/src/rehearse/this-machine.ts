import { lookup } from 'node:dns/promises'
import { BlockList, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'

/** Tells whether every address of a host name is loopback or an address of this machine. */
export async function isThisMachine(hostname: string): Promise<boolean> {
  const addresses = await lookup(withoutBrackets(hostname), { all: true })
  const own = Object.values(networkInterfaces()).flatMap((each) => each?.map(({ address }) => address) ?? [])
  return areAllOwn(
    addresses.map(({ address }) => address),
    own,
  )
}

/** Tells whether each address is loopback or in `own`; false without addresses. Pure. */
export function areAllOwn(addresses: readonly string[], own: readonly string[]): boolean {
  const here = new BlockList()
  here.addSubnet('127.0.0.0', 8, 'ipv4')
  here.addAddress('::1', 'ipv6')
  for (const address of own.map(withoutZone)) here.addAddress(address, familyOf(address))
  return addresses.length > 0 && addresses.map(withoutZone).every((address) => here.check(address, familyOf(address)))
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4')

/** Removes the zone: `fe80::1%eth0` also names an interface. */
const withoutZone = (address: string): string => address.split('%')[0] ?? address

const withoutBrackets = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1')
