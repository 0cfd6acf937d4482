import { isIP } from 'node:net'

/** A server of the shop that receives webhooks. */
export interface WebhookEndpoint {
  /** Stands in the log and in metrics; its webhooks follow it to another URL. */
  readonly name: string
  readonly url: string
}

export interface WebhookSettings {
  readonly webhooks: readonly string[]
  readonly webhookSecrets?: string | undefined
  readonly webhookPlainHttp: boolean
}

const ENDPOINTS_MAX = 10
const SECRETS_MAX = 8
const SECRET_PREFIX = 'whsec_'
/** Of a secret, decoded (Standard Webhooks, "Signature scheme"). */
const SECRET_BYTES_MIN = 24
const SECRET_BYTES_MAX = 64
const NAME = /^[a-z][a-z0-9-]{0,31}$/

function endpointOf(part: string): WebhookEndpoint | undefined {
  const at = part.indexOf('=')
  const [name, url] = [part.slice(0, Math.max(0, at)), part.slice(at + 1)]
  if (!NAME.test(name) || !/^https?:\/\//i.test(url) || !URL.canParse(url)) return undefined
  const { username, password, hostname, hash } = new URL(url)
  return username === '' && password === '' && hostname !== '' && hash === '' ? { name, url } : undefined
}

/** The form of one part of the setting. */
export const ENDPOINT_FORM = {
  isValid: (part: string) => endpointOf(part) !== undefined,
  words: 'endpoints such as shop=https://shop.example/webhooks, without a user, password or fragment',
}

/** Returns the endpoints of valid settings, in their order. */
export function endpointsOf({ webhooks }: Pick<WebhookSettings, 'webhooks'>): readonly WebhookEndpoint[] {
  return webhooks.map(endpointOf).filter((endpoint) => endpoint !== undefined)
}

/** Returns the secrets in their order; each signs every webhook. */
export function secretsOf({ webhookSecrets = '' }: Pick<WebhookSettings, 'webhookSecrets'>): readonly string[] {
  return webhookSecrets
    .split(',')
    .map((secret) => secret.trim())
    .filter((secret) => secret !== '')
}

function isSecret(secret: string): boolean {
  const text = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : ''
  const bytes = Buffer.from(text, 'base64')
  const isBase64 = bytes.toString('base64') === text
  return isBase64 && bytes.length >= SECRET_BYTES_MIN && bytes.length <= SECRET_BYTES_MAX
}

function isLoopback(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** Returns what can never work about the settings, and contains nothing of a secret. Pure. */
export function webhookContradictions(settings: WebhookSettings): readonly string[] {
  const [endpoints, secrets] = [endpointsOf(settings), secretsOf(settings)]
  const problems: string[] = []
  if (endpoints.length > ENDPOINTS_MAX) problems.push(`WEBHOOKS has more than ${ENDPOINTS_MAX} endpoints.`)
  if (new Set(endpoints.map(({ name }) => name)).size < endpoints.length)
    problems.push('WEBHOOKS has two endpoints of one name.')
  const plain = endpoints.filter(({ url }) => new URL(url).protocol === 'http:' && !isLoopback(url))
  if (plain.length > 0 && !settings.webhookPlainHttp)
    problems.push(
      `WEBHOOKS sends orders in plain text to ${plain.map(({ name }) => name).join(', ')}: use https, or set WEBHOOK_PLAIN_HTTP=true inside a network of your own.`,
    )
  if (endpoints.length > 0 && secrets.length === 0)
    problems.push('WEBHOOKS needs WEBHOOK_SECRETS: the shop could not tell a webhook from a forgery.')
  if (secrets.length > SECRETS_MAX) problems.push(`WEBHOOK_SECRETS has more than ${SECRETS_MAX} secrets.`)
  if (!secrets.every(isSecret))
    problems.push(
      `Each of WEBHOOK_SECRETS must be ${SECRET_PREFIX} and the base64 of ${SECRET_BYTES_MIN} to ${SECRET_BYTES_MAX} bytes.`,
    )
  if (new Set(secrets).size < secrets.length) problems.push('WEBHOOK_SECRETS has a secret twice.')
  return problems
}
