import type { CookieRules } from './cookie.ts'
import type { GateOptions } from './options.ts'
import { isLocalHttp, type Place } from './origin.ts'

const NAME = '__Host-floodgate-pass'

/** Returns a function that computes the cookie's rules at an origin, for a sale where the options name it by request. */
export function createCookieRules({ sale: saleOption, cookie = {} }: GateOptions) {
  const { name = NAME, partitioned = false, insecure = false } = cookie
  return function cookieRulesFor({ origin, sale }: Place): CookieRules {
    const isInsecure = isLocalHttp(origin) || (insecure && origin?.startsWith('http:') === true)
    const own = isInsecure ? name.replace(/^__(?:Host|Secure)-/, '') : name
    const suffix = typeof saleOption === 'function' && sale !== undefined && /^[\w-]+$/.test(sale) ? `-${sale}` : ''
    return { name: own + suffix, partitioned, secure: !isInsecure }
  }
}
