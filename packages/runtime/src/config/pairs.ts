import { z } from 'zod'
import type { SettingMeta } from './setting-meta.ts'

export type Pairs = Readonly<Record<string, string>>

/**
 * Reads a setting of `name=value` pairs separated by commas, with the values percent-encoded (W3C Baggage, as
 * OpenTelemetry has them). Its problems contain nothing of the values, which may be secrets.
 */
export function pairs(options: { description: string; secret?: boolean; name: RegExp; words: string }) {
  const meta = { description: options.description, type: '`name=value`, …' } satisfies SettingMeta
  return z
    .string()
    .transform((value, context): Pairs => {
      const read = value.split(',').flatMap((part) => (part.trim() === '' ? [] : [readPair(part, options.name)]))
      if (read.includes(undefined)) context.addIssue(`must be name=value, separated by commas: ${options.words}`)
      return Object.fromEntries(read.filter((pair) => pair !== undefined))
    })
    .optional()
    .meta(options.secret ? { ...meta, secret: true } : meta)
}

function readPair(part: string, validName: RegExp): readonly [string, string] | undefined {
  const at = part.indexOf('=')
  const name = part.slice(0, Math.max(0, at)).trim()
  if (!validName.test(name)) return undefined
  try {
    return [name, decodeURIComponent(part.slice(at + 1).trim())]
  } catch {
    return undefined
  }
}
