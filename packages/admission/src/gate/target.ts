import { PARAMETER } from './request.ts'

const REFUSED_PARAMETER = 'floodgate-refused'
/** The value of the gate's parameter that tests whether a cookie was kept. */
export const COOKIE_CHECK = 'cookie'

/** The target of a request, and the gate's parameters in its query. */
export interface ReadTarget {
  /** The target without the gate's parameters; all other bytes are kept. */
  readonly clean: string
  /** The last value of the gate's parameter. */
  readonly value: string | undefined
  readonly wasRefused: boolean
}

/** Removes the gate's parameters from a target. */
export function readTarget(target: string): ReadTarget {
  const at = target.indexOf('?')
  if (at < 0 || !target.includes(PARAMETER, at)) return { clean: target, value: undefined, wasRefused: false }
  let value: string | undefined
  let wasRefused = false
  const kept = target
    .slice(at + 1)
    .split('&')
    .filter((pair) => {
      const [name, ...rest] = pair.split('=')
      if (name === PARAMETER) value = rest.join('=')
      if (name === REFUSED_PARAMETER) wasRefused = true
      return name !== PARAMETER && name !== REFUSED_PARAMETER
    })
  const path = target.slice(0, at)
  return { clean: kept.length === 0 ? path : `${path}?${kept.join('&')}`, value, wasRefused }
}

/** Adds the cookie test to a URL. */
export function withCookieCheck(url: string): string {
  return withParameter(url, `${PARAMETER}=${COOKIE_CHECK}`)
}

/** Marks a URL at which the buyer's pass was rejected. */
export function withRejection(url: string): string {
  return withParameter(url, `${REFUSED_PARAMETER}=1`)
}

const withParameter = (url: string, parameter: string): string => `${url}${url.includes('?') ? '&' : '?'}${parameter}`

/** Escapes characters that a header must not contain. */
export function asciiTarget(target: string): string {
  return target.replace(
    /[^\x21-\x7e]/g,
    (character) => `%${(character.charCodeAt(0) & 0xff).toString(16).padStart(2, '0')}`,
  )
}

/** Keeps `//host` from being read as another host. */
export function relativeUrl(target: string): string {
  return /^\/[/\\]/.test(target) ? `/.${target}` : target
}
