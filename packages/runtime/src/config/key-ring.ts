import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { SettingMeta } from './setting-meta.ts'

const KEY_BYTES = 32
const KEYS_MAX = 16
const KID_LENGTH = 16
const kidPurpose = 'floodgate key id'

export interface RingKey {
  /** Derived from the key, so that every process gives a key the same name, and no two keys share one. */
  readonly kid: string
  readonly bytes: Uint8Array
}

/** Keys of one purpose: the first one seals, all of them open. */
export type KeyRing = readonly [RingKey, ...RingKey[]]

/**
 * Reads a secret setting of one to 16 keys of 256 bits, base64url, separated by commas. Rejects a key of another
 * length, and a repeated key, which must be a mistake.
 */
export function keyRing(options: { description: string }) {
  return z
    .string()
    .transform((value, context): KeyRing => {
      const [first, ...others] = value.split(',').map(ringKey)
      const keys = [first, ...others]
      if (keys.length > KEYS_MAX) context.addIssue(`must be at most ${KEYS_MAX} keys`)
      if (keys.some((key) => key === undefined))
        context.addIssue(`must be base64url of ${KEY_BYTES} bytes, or several of them separated by commas`)
      if (new Set(keys.map((key) => key?.kid)).size < keys.length) context.addIssue('must not contain a key twice')
      return keys as unknown as KeyRing
    })
    .meta({ description: options.description, secret: true, type: 'secret' } satisfies SettingMeta)
}

/** Tells whether a setting is a ring of keys. */
export function isKeyRing(value: unknown): value is KeyRing {
  return Array.isArray(value) && value.length > 0 && value.every((key) => key?.bytes instanceof Uint8Array)
}

function ringKey(text: string): RingKey | undefined {
  const trimmed = text.trim()
  const bytes = Buffer.from(trimmed, 'base64url')
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(trimmed) || bytes.length !== KEY_BYTES) return undefined
  const kid = createHash('sha256').update(kidPurpose).update(bytes).digest('base64url').slice(0, KID_LENGTH)
  return { kid, bytes }
}
