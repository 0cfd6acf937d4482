import type { z } from 'zod'
import type { ConfigDefinition } from '../config/define-config.ts'
import { isSecret } from '../config/secret-files.ts'

const HIDDEN = '***'
/** A shorter text would occur in any sentence. No secret of ours is that short, a password of a server may be. */
const LENGTH_MIN = 4

/**
 * Returns a function that hides the values of secret settings in a text: whole values, and the passwords of URLs as
 * written and as decoded. Messages of drivers and servers are printed as they are, and may repeat what they received.
 */
export function createSecretHider<Shape extends z.ZodRawShape>(
  definition: ConfigDefinition<Shape>,
  config: Readonly<Record<string, unknown>>,
): (text: string) => string {
  const secrets = Object.entries(definition.schema.shape)
    .filter(([, schema]) => isSecret(schema))
    .flatMap(([key]) => formsOf(config[key]))
    .filter((secret) => secret.length >= LENGTH_MIN)
    .sort((a, b) => b.length - a.length)
  return function hideSecrets(text) {
    return secrets.reduce((hidden, secret) => hidden.replaceAll(secret, HIDDEN), text)
  }
}

/** The password of a URL. The driver's own parsing decides nothing here: a URL may name several hosts. */
const PASSWORD_OF_URL = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@:]*:([^/?#]*)@/i

/** Passwords among the parameters of a URL: of the Sentinels, and of a database. */
const PASSWORD_PARAMETER = /[?&](?:sentinelPassword|password)=([^&#]*)/g

function formsOf(value: unknown): string[] {
  if (typeof value !== 'string') return []
  const parameters = [...value.matchAll(PASSWORD_PARAMETER)].map(([, password]) => password)
  const passwords = [PASSWORD_OF_URL.exec(value)?.[1], ...parameters].filter((each) => each !== undefined)
  return [value, ...passwords, ...passwords.map(decoded)]
}

function decoded(password: string): string {
  try {
    return decodeURIComponent(password)
  } catch {
    return password
  }
}
