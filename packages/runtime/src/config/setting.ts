import { senderHeader } from '@floodgate/contracts'
import { z } from 'zod'
import { databaseUrlProblem } from './database-url.ts'
import { keyRing } from './key-ring.ts'
import type { SettingMeta } from './setting-meta.ts'
import { type UrlRules, urlProblem } from './url-rules.ts'

/** Of a token in a header: apps read no longer one. */
const SECRET_CHARACTERS_MAX = 4_096
/** Of a token of a person, as an app makes it (ADR 0058). */
const PERSONAL_TOKEN_START = 'fgop_'
const PERSONAL_TOKEN_PROBLEM = 'must not be the token of a person, whose expiry and revocation would not count'
const DAYS_MAX = 36_500
const WEB_SCHEMES = ['http', 'https']

const urlOf = (rules: UrlRules, problemOf = urlProblem) =>
  z
    .string()
    .trim()
    .superRefine((value, context) => {
      const problem = problemOf(value, rules)
      if (problem !== undefined) context.addIssue(problem)
    })

/** Normalizes a URL for comparison and extension: scheme and host in lower case, no trailing slash. */
const plainWebUrl = (value: string): string => new URL(value).href.replace(/\/$/, '')

/**
 * Returns the origin as browsers send it (RFC 6454 §6.2), also from near misses: a trailing slash, capitals, the
 * default port.
 */
const originOf = (value: string): string | undefined => {
  if (!URL.canParse(value)) return undefined
  const { protocol, origin, href } = new URL(value)
  return WEB_SCHEMES.includes(protocol.slice(0, -1)) && href === `${origin}/` ? origin : undefined
}

function siteProblem(value: string): string {
  const isWebUrl = URL.canParse(value) && WEB_SCHEMES.includes(new URL(value).protocol.slice(0, -1))
  if (!isWebUrl) return 'must be a URL that begins with http:// or https://'
  return 'must be http(s)://host or http(s)://host:port alone: a path prefix is not supported (docs/deploy/proxies.md)'
}

const partsOf = (value: string): string[] =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

interface NumberOptions {
  readonly description: string
  readonly unit: string
  readonly min: number
  readonly max: number
  readonly default: number
}

function boundedNumber(kind: 'number' | 'integer', options: NumberOptions) {
  const { description, unit, min, max } = options
  const some = z.coerce.number('must be a number')
  const meta = { description, unit, type: `${kind} ${min}–${max}` } satisfies SettingMeta
  return (kind === 'integer' ? some.int() : some).min(min).max(max).default(options.default).meta(meta)
}

/**
 * The kinds of settings of a service. Each reads one string (flag, environment or `.env`) and yields a typed value; a
 * number always has a unit and bounds, a secret never has a default.
 */
export const setting = {
  number: (options: NumberOptions) => boundedNumber('number', options),

  integer: (options: NumberOptions) => boundedNumber('integer', options),

  /**
   * How long something is kept, in whole days; 0: forever. Fewer than `min` days would contradict another setting.
   */
  daysKept: (options: { description: string; min: number; default: number }) =>
    z.coerce
      .number('must be a number')
      .int()
      .max(DAYS_MAX)
      .refine((days) => days === 0 || days >= options.min, `must be 0 or at least ${options.min}`)
      .default(options.default)
      .meta({
        description: options.description,
        unit: 'days',
        type: `0 or integer ${options.min}–${DAYS_MAX}`,
      } satisfies SettingMeta),

  text: (options: { description: string; default: string }) =>
    z
      .string()
      .default(options.default)
      .meta({ description: options.description, type: 'text' } satisfies SettingMeta),

  requiredText: (options: { description: string }) =>
    z
      .string()
      .min(1)
      .meta({ description: options.description, type: 'text' } satisfies SettingMeta),

  optionalText: (options: { description: string }) =>
    z
      .string()
      .optional()
      .meta({ description: options.description, type: 'text' } satisfies SettingMeta),

  /** Required, at least 16 characters that a header can carry, never printed. */
  secret: (options: { description: string }) =>
    z
      .string()
      .min(16)
      .max(SECRET_CHARACTERS_MAX)
      .regex(/^[\x21-\x7e]*$/, 'must be of ASCII letters, digits and signs, without spaces')
      .refine((value) => !value.startsWith(PERSONAL_TOKEN_START), PERSONAL_TOKEN_PROBLEM)
      .meta({ description: options.description, secret: true, type: 'secret' } satisfies SettingMeta),

  /** Optional, at least 16 characters that a header can carry, never printed. */
  optionalSecret: (options: { description: string }) =>
    z
      .string()
      .min(16)
      .max(SECRET_CHARACTERS_MAX)
      .regex(/^[\x21-\x7e]*$/, 'must be of ASCII letters, digits and signs, without spaces')
      .refine((value) => !value.startsWith(PERSONAL_TOKEN_START), PERSONAL_TOKEN_PROBLEM)
      .optional()
      .meta({ description: options.description, secret: true, type: 'secret' } satisfies SettingMeta),

  /** Optional, never printed: what another system chose, so that it may be short, and of any characters. */
  optionalPassword: (options: { description: string }) =>
    z
      .string()
      .optional()
      .meta({ description: options.description, secret: true, type: 'secret' } satisfies SettingMeta),

  /** Required, never printed: keys that can be rotated without losing data sealed with the old one. */
  keyRing,

  /** The HTTP URL that is fetched. */
  url: (options: { description: string; default?: string }) => {
    const url = urlOf({ schemes: WEB_SCHEMES }).transform(plainWebUrl)
    const meta = { description: options.description, type: 'URL' } satisfies SettingMeta
    return (options.default === undefined ? url : url.default(options.default)).meta(meta)
  },

  optionalUrl: (options: { description: string }) =>
    urlOf({ schemes: WEB_SCHEMES })
      .transform(plainWebUrl)
      .optional()
      .meta({ description: options.description, type: 'URL' } satisfies SettingMeta),

  /** A URL with parts in braces that are filled in later; `names` are those that it may have. */
  urlTemplate: (options: { description: string; names: readonly string[]; default: string }) =>
    z
      .string()
      .superRefine((value, context) => {
        const filled = options.names.reduce((url, name) => url.replaceAll(`{${name}}`, name), value)
        const problem = urlProblem(filled, { schemes: WEB_SCHEMES })
        if (problem !== undefined) context.addIssue(problem)
        else if (/[{}]/.test(filled))
          context.addIssue(`may have only ${options.names.map((name) => `{${name}}`).join(', ')} in braces`)
      })
      .default(options.default)
      .meta({ description: options.description, type: 'URL' } satisfies SettingMeta),

  /**
   * The URL where browsers reach an app, yielded as an origin. A path is rejected because links, cookies and sockets of
   * the apps begin at the root of their host.
   */
  siteUrl: (options: { description: string; default: string }) =>
    z
      .string()
      .transform((value, context) => {
        const origin = originOf(value)
        if (origin === undefined) context.addIssue(siteProblem(value))
        return origin ?? z.NEVER
      })
      .default(options.default)
      .meta({ description: options.description, type: 'URL without a path' } satisfies SettingMeta),

  /** The address of a server, with credentials where it wants them; otherwise taken unchanged. */
  serverUrl: (
    options: Omit<UrlRules, 'mayHaveCredentials'> & { description: string; default?: string; secret?: boolean },
  ) => {
    const url = urlOf({ ...options, mayHaveCredentials: true })
    const meta = {
      description: options.description,
      type: 'URL',
      ...(options.secret ? { secret: true } : {}),
    } satisfies SettingMeta
    return (options.default === undefined ? url : url.default(options.default)).meta(meta)
  },

  /** The URL of a database, with the hosts and parameters of libpq (see `databaseUrlProblem`); taken unchanged. */
  databaseUrl: (options: { description: string }) =>
    urlOf(
      { schemes: ['postgresql', 'postgres'], mayLackHost: true, mayHaveCredentials: true },
      databaseUrlProblem,
    ).meta({
      description: options.description,
      type: 'URL',
      secret: true,
    } satisfies SettingMeta),

  /** The sender of mails, yielded as a header field. */
  sender: (options: { description: string; default: string }) =>
    z
      .string()
      .default(options.default)
      .transform((value, context) => {
        const sender = senderHeader(value)
        if (sender === undefined) context.addIssue('must be `Name <address>`, or an e-mail address')
        return sender ?? ''
      })
      .meta({ description: options.description, type: 'sender' } satisfies SettingMeta),

  choice: <const Value extends string>(options: {
    description: string
    values: readonly [Value, ...Value[]]
    default: Value
  }) =>
    z
      .enum(options.values)
      .default(options.default as never)
      .meta({ description: options.description, type: options.values.join(' \\| ') } satisfies SettingMeta),

  /** A comma-separated list. */
  list: (options: {
    description: string
    each?: { isValid(part: string): boolean; readonly words: string }
    default?: string
    /** Never printed. */
    secret?: boolean
  }) =>
    z
      .string()
      .default(options.default ?? '')
      .refine((value) => partsOf(value).every((part) => options.each?.isValid(part) ?? true), {
        error: `must be a comma-separated list of ${options.each?.words ?? 'words'}`,
      })
      .transform(partsOf)
      .meta({
        description: options.description,
        type: 'comma-separated list',
        ...(options.secret ? { secret: true } : {}),
      } satisfies SettingMeta),

  /** A comma-separated list of origins, yielded as browsers send them; empty by default. */
  origins: (options: { description: string }) =>
    z
      .string()
      .default('')
      .transform((value, context) =>
        partsOf(value).flatMap((part) => {
          const origin = originOf(part)
          if (origin === undefined)
            context.addIssue('must be a comma-separated list of origins such as https://shop.example, without a path')
          return origin ?? []
        }),
      )
      .meta({ description: options.description, type: 'comma-separated list of origins' } satisfies SettingMeta),

  flag: (options: { description: string; default: boolean }) =>
    z
      .stringbool()
      .default(options.default)
      .meta({ description: options.description, type: 'true \\| false' } satisfies SettingMeta),
}
