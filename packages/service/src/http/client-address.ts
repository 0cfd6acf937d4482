/**
 * The client's address behind `trustedHops` proxies: counted from the right of `X-Forwarded-For`, because whatever
 * stands further left was written by the client itself. With 0 hops, or fewer entries than hops, the socket's address.
 */
export const clientAddress = (options: {
  forwardedFor: string | undefined
  socketAddress: string
  trustedHops: number
}): string => {
  if (options.trustedHops === 0) return options.socketAddress
  const entries = (options.forwardedFor ?? '').split(',').map((entry) => entry.trim())
  return entries.at(-options.trustedHops) || options.socketAddress
}
