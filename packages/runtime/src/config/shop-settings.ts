import { setting } from './setting.ts'

/** The setting of apps that the shop's own server calls. `use`: what for, and what holds without it. */
export function shopSettings(use: string) {
  return {
    shopToken: setting.optionalSecret({
      description: `Bearer token of your own shop's server, ${use}; another one than \`ADMIN_TOKEN\``,
    }),
  }
}

/** Returns what can never work about it. Pure. */
export function shopContradictions({
  shopToken,
  adminToken,
}: {
  readonly shopToken?: string | undefined
  readonly adminToken: string
}): readonly string[] {
  return shopToken === adminToken
    ? ['SHOP_TOKEN and ADMIN_TOKEN are the same: the shop could do whatever an operator can.']
    : []
}
