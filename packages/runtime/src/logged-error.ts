import { pino } from 'pino'

/**
 * Fields in which Postgres quotes rows and parameters ("Failing row contains (…)"), and the mail library its
 * recipients. The remaining fields name the constraint, the table and the column.
 */
const quotingFields = new Set([
  'detail',
  'where',
  'internalQuery',
  'query',
  'parameters',
  'values',
  'response',
  'rejected',
  'recipient',
  'envelope',
])
const address = /[\w.!#$%&'*+=?^`{|}~-]+@(?:[a-z0-9-]+\.)+[a-z]{2,}/gi
const DEPTH_MAX = 4

/**
 * Serializes an error for the log as pino does, without fields that may quote personal data. Returns any other value
 * unchanged.
 */
export function loggedError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? masked(error) : error
  return discreet(pino.stdSerializers.err(error), DEPTH_MAX)
}

function discreet(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return masked(value)
  if (Array.isArray(value)) return value.map((each) => discreet(each, depth - 1))
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return '[…]'
  const shown = Object.entries(value).filter(([name]) => !quotingFields.has(name))
  return Object.fromEntries(shown.map(([name, each]) => [name, discreet(each, depth - 1)]))
}

function masked(text: string): string {
  return text.replace(address, '[address]')
}
