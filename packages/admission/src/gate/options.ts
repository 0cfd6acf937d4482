import type { JSONWebKeySet } from 'jose'
import type { FailMode } from './decide.ts'
import type { SlotStore } from './memory-slots.ts'
import type { GateEvent } from './note.ts'
import type { PageOf } from './page.ts'
import type { GateRequest } from './request.ts'

export interface GateOptions {
  /** The origin of the waiting room, such as `https://queue.example`. */
  readonly queueUrl: string
  /** The sale, or a function that names the sale of a request; undefined: not protected. */
  readonly sale: string | ((request: GateRequest) => string | undefined)
  /** The waiting room's public keys, instead of fetching them. */
  readonly jwks?: JSONWebKeySet
  /** Default `{queueUrl}/.well-known/jwks.json`. */
  readonly jwksUrl?: string
  /** How long known keys are used while none can be fetched. Default 3,600; 1 to 604,800. */
  readonly staleKeysSeconds?: number
  /** Default `floodgate`. */
  readonly issuer?: string
  /** Default `order-core`. */
  readonly audience?: string
  readonly cookie?: {
    /** Default `__Host-floodgate-pass`. If `sale` is a function, `-{sale}` is added. */
    readonly name?: string
    /** For a shop in a frame of another site: `SameSite=None; Partitioned`. Default false. */
    readonly partitioned?: boolean
    /** Without `Secure` and `__Host-` over plain http, also beyond localhost. For development. Default false. */
    readonly insecure?: boolean
  }
  /** How far this machine's clock may be ahead of the waiting room's. Default 0; 300 at most. */
  readonly clockToleranceSeconds?: number
  /** Ends a pass this many seconds after its turn began, if it does not end before. */
  readonly maxSeconds?: number
  /** Selects the requests that need a pass. Default: all that reach the gate. */
  protect?(request: GateRequest): boolean
  /** The decision while the waiting room cannot be reached. Default `closed`. */
  readonly failMode?: FailMode
  /** Rejects passes that were given back; reads their list each second while there is traffic. Default false. */
  readonly revocations?: boolean
  /** Takes one order of each slot. */
  readonly oncePerSlot?: SlotStore & {
    /** Selects the requests that place the order. Default: all protected ones but GET. */
    counts?(request: GateRequest): boolean
  }
  /** The origin that buyers see, such as `https://shop.example`. Default: by the `Host` header. */
  readonly origin?: string
  /** Believes `X-Forwarded-Host` and `X-Forwarded-Proto`. Default false. */
  readonly trustProxy?: boolean
  /** The shop's ID token of the buyer, which the line gets in the fragment of its URL. */
  identity?(request: GateRequest): string | undefined | Promise<string | undefined>
  /** Replaces the page that tells a buyer the reason; returns HTML. */
  readonly page?: PageOf
  /** Receives every decision except `untouched`. */
  onEvent?(event: GateEvent): void
  /** The clock, in milliseconds since 1970. Default `Date.now`. */
  now?(): number
  fetch?(url: string, init: RequestInit): Promise<Response>
}

/** The options are invalid. `problems` names every mistake. */
export class GateOptionsError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`The gate cannot work with these options:\n${problems.map((problem) => `- ${problem}`).join('\n')}`)
    this.name = 'GateOptionsError'
    this.problems = problems
  }
}

type Check = (value: never) => boolean

const isText = (value: unknown) => typeof value === 'string' && value !== ''
const isBoolean = (value: unknown) => typeof value === 'boolean'
const isFunction = (value: unknown) => typeof value === 'function'
const isObject = (value: unknown) => typeof value === 'object' && value !== null
const hasKeys = (value: unknown) => {
  const keys: unknown = (value as Partial<JSONWebKeySet> | null)?.keys
  return Array.isArray(keys) && keys.length > 0 && keys.every(isObject)
}
const isSeconds = (min: number, max: number) => (value: unknown) =>
  typeof value === 'number' && value >= min && value <= max
const isUrl = (value: unknown) => isText(value) && /^https?:/i.test(value as string) && URL.canParse(value as string)
/** With or without the slash that browsers show. */
const isOrigin = (value: unknown) => isUrl(value) && `${new URL(value as string).origin}/`.startsWith(value as string)
const SALE = /^[a-z0-9][a-z0-9-]{0,39}$/
const COOKIE_NAME = /^[\w!#$%&'*+.^`|~-]+$/

/** A check, and the requirement in words. */
const CHECKS: Readonly<Record<keyof GateOptions, readonly [Check, string]>> = {
  queueUrl: [isOrigin, 'be an origin such as https://shop.example'],
  sale: [(v) => isFunction(v) || (isText(v) && SALE.test(v)), 'be the id of a sale or a function'],
  jwks: [hasKeys, 'have keys'],
  jwksUrl: [isUrl, 'be a URL'],
  staleKeysSeconds: [isSeconds(1, 604_800), 'be 1 to 604800'],
  issuer: [isText, 'not be empty'],
  audience: [isText, 'not be empty'],
  cookie: [isObject, 'be an object'],
  clockToleranceSeconds: [isSeconds(0, 300), 'be 0 to 300'],
  maxSeconds: [isSeconds(1, 86_400), 'be 1 to 86400'],
  protect: [isFunction, 'be a function'],
  failMode: [(v) => v === 'closed' || v === 'open', "be 'closed' or 'open'"],
  revocations: [isBoolean, 'be true or false'],
  oncePerSlot: [(v) => isFunction((v as SlotStore | null)?.use), 'have a function use'],
  origin: [isOrigin, 'be an origin such as https://shop.example'],
  trustProxy: [isBoolean, 'be true or false'],
  identity: [isFunction, 'be a function'],
  page: [isFunction, 'be a function'],
  onEvent: [isFunction, 'be a function'],
  now: [isFunction, 'be a function'],
  fetch: [isFunction, 'be a function'],
}

const COOKIE_CHECKS: Readonly<Record<string, readonly [Check, string]>> = {
  name: [(v) => isText(v) && COOKIE_NAME.test(v), 'be the name of a cookie'],
  partitioned: [isBoolean, 'be true or false'],
  insecure: [isBoolean, 'be true or false'],
}

/** Throws `GateOptionsError` with every invalid option, unknown names included. */
export function checkOptions(options: GateOptions): void {
  const problems = [
    ...problemsOf(isObject(options) ? options : {}, CHECKS, ''),
    ...problemsOf(isObject(options?.cookie) ? options.cookie : {}, COOKIE_CHECKS, 'cookie.'),
  ]
  for (const name of ['queueUrl', 'sale'] as const)
    if (options?.[name] === undefined) problems.push(`${name} is required`)
  if (options?.jwks !== undefined && options.jwksUrl !== undefined) problems.push('jwks and jwksUrl exclude each other')
  if (options?.origin !== undefined && options.trustProxy) problems.push('origin and trustProxy exclude each other')
  if (problems.length > 0) throw new GateOptionsError(problems)
}

const problemsOf = (
  values: object | undefined,
  checks: Readonly<Record<string, readonly [Check, string]>>,
  prefix: string,
): string[] =>
  Object.entries(values ?? {}).flatMap(([name, value]) => {
    if (value === undefined) return []
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (check === undefined) return [`${prefix}${name} is not an option`]
    return check[0](value as never) ? [] : [`${prefix}${name} must ${check[1]}`]
  })
