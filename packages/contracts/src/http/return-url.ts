import { z } from 'zod'

/** Longer ones do not fit into every proxy's request line, with a pass added to them. */
export const RETURN_URL_CHARACTERS_MAX = 2_000

/** The query parameter that carries a pass and its handover to the shop. */
export const HANDOVER_PARAMETER = 'floodgate'

export const defaultReturnUrl = z
  .string()
  .max(RETURN_URL_CHARACTERS_MAX)
  .nullable()
  .default(null)
  .describe(
    'Where an admitted buyer goes who came without an allowed return URL: an absolute URL of one of the `returnOrigins`; ' +
      'null: such a buyer orders here',
  )

/** Tab and line breaks, which URL parsers drop silently, and other controls. */
const CONTROLS = /\p{Cc}/u

/**
 * Returns a return URL as browsers serialize it when it leads to one of these origins; undefined for anything else. The
 * text itself must begin with the origin, as `https://shop.example/basket?id=1` does: no other spelling that a URL
 * parser would repair is accepted, so that no two readers of it can disagree about its host. 2,000 characters at most.
 */
export function checkReturnUrl(value: unknown, origins: readonly string[]): URL | undefined {
  if (typeof value !== 'string' || value.length > RETURN_URL_CHARACTERS_MAX || CONTROLS.test(value)) return undefined
  const origin = origins.find((each) => value.startsWith(each) && /^(?:[/?#]|$)/.test(value.slice(each.length)))
  if (origin === undefined || !URL.canParse(value)) return undefined
  const url = new URL(value)
  const isSame = url.origin === origin && url.username === '' && url.password === ''
  return isSame && url.href.length <= RETURN_URL_CHARACTERS_MAX ? url : undefined
}

/**
 * Returns a checked URL with the handover's parameter as the last of its query. An earlier parameter of this name is
 * removed; every other one is kept byte for byte, as is the fragment.
 */
export function withHandover(url: URL, value: string): string {
  const { href } = url
  const at = href.indexOf('#')
  const [address, fragment] = at < 0 ? [href, ''] : [href.slice(0, at), href.slice(at)]
  const from = address.indexOf('?')
  const [path, query] = from < 0 ? [address, ''] : [address.slice(0, from), address.slice(from + 1)]
  const kept = query === '' ? [] : query.split('&').filter((part) => !isHandover(part))
  return `${path}?${[...kept, `${HANDOVER_PARAMETER}=${value}`].join('&')}${fragment}`
}

/** Tells whether a part of a query is the handover's, also when its name is percent-encoded. */
function isHandover(part: string): boolean {
  return new URLSearchParams(part).has(HANDOVER_PARAMETER)
}
