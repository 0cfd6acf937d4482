import type { About } from '@floodgate/contracts'
import type { Finding } from './finding.ts'

/** A ring whose first key another app must have, too: what it makes with it is of no use there otherwise. */
interface Need {
  readonly setting: string
  readonly maker: string
  readonly user: string
  readonly loss: string
}

const NEEDS: readonly Need[] = [
  {
    setting: 'EMAIL_KEY',
    maker: 'order-core',
    user: 'notifier',
    loss: 'it cannot decrypt the addresses of new orders',
  },
  { setting: 'EMAIL_KEY', maker: 'notifier', user: 'order-core', loss: 'it rejects the links in new mails' },
  {
    ...{ setting: 'PAYMENT_KEY', maker: 'order-core', user: 'payment-worker' },
    loss: 'it cannot charge new orders, which expire',
  },
]
/** The id of a key. An app of a release that shows none says `(secret)`. */
const KEY_ID = /^[\w-]+$/

/** Returns the apps that lack a key which another one encrypts or signs with. Pure. */
export function checkRings(abouts: readonly About[]): readonly Finding[] {
  return NEEDS.flatMap(({ setting, maker, user, loss }) => {
    const needed = ringsOf(abouts, maker, setting).map(([first = '']) => first)
    return abouts
      .filter((about) => ringsOf([about], user, setting).some((ring) => needed.some((key) => !ring.includes(key))))
      .map(({ process }) => ({
        what: setting,
        detail: `${user} (${process}) lacks the first key of the ${maker}: ${loss} (Changing the keys).`,
      }))
  })
}

function ringsOf(abouts: readonly About[], app: string, setting: string): readonly (readonly string[])[] {
  return abouts
    .filter((about) => about.app === app)
    .map(({ settings }) => (settings[setting] ?? '').split(','))
    .filter((keys) => keys.every((key) => KEY_ID.test(key)))
}
