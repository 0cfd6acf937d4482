import { closeSync, openSync, readSync } from 'node:fs'
import type { z } from 'zod'
import type { SettingMeta } from './setting-meta.ts'

const BYTES_MAX = 65_536
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'must not be read by this process',
  EISDIR: 'is a directory',
}

/** Tells whether a setting may also come from a file: it is a secret, or a URL with a password. */
export function isSecret(schema: unknown): boolean {
  return ((schema as z.ZodType).meta() as SettingMeta | undefined)?.secret === true
}

/** Returns the variable that names the file of a secret. */
export function fileVariableOf(variable: string): string {
  return `${variable}_FILE`
}

export type SecretFile =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'problem'; readonly problem: string }

/**
 * Reads a secret from a file, as Docker and Kubernetes mount them: UTF-8, at most 64 KiB, without a byte order mark and
 * the line break at its end. The problem names the variable and neither the path nor the content.
 */
export function readSecretFile(variable: string, path: string): SecretFile {
  const problem = (reason: string): SecretFile => ({
    kind: 'problem',
    problem: `${variable} names a file that ${reason}`,
  })
  let bytes: Buffer
  try {
    bytes = readAtMost(path, BYTES_MAX + 1)
  } catch (error) {
    return problem(REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? 'cannot be read')
  }
  if (bytes.length > BYTES_MAX) return problem(`is larger than ${BYTES_MAX} bytes`)
  const value = textOf(bytes)?.replace(/\r?\n$/, '')
  if (value === undefined) return problem('is not in UTF-8')
  return value === '' ? problem('is empty') : { kind: 'value', value }
}

/** Returns the text without a byte order mark, as editors of Windows write one; undefined for anything but UTF-8. */
function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Bounded, because the path may name a device without an end. */
function readAtMost(path: string, bytesMax: number): Buffer {
  const descriptor = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(bytesMax)
    let length = 0
    for (let read = -1; read !== 0 && length < bytesMax; length += read)
      read = readSync(descriptor, buffer, length, bytesMax - length, null)
    return buffer.subarray(0, length)
  } finally {
    closeSync(descriptor)
  }
}
