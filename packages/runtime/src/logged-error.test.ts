import { expect, test } from 'vitest'
import { loggedError } from './logged-error.ts'

const written = (error: unknown): string => JSON.stringify(loggedError(error))

test('logs the violated constraint, but not the row that Postgres quotes', () => {
  const rejected = Object.assign(new Error('new row violates check constraint "stock_check"'), {
    code: '23514',
    constraint: 'stock_check',
    detail: 'Failing row contains (pm_4711, ada@example.org).',
    where: 'unnest(pm_4711)',
  })
  const wrapped = new AggregateError([rejected], 'batch failed', { cause: rejected })
  for (const error of [rejected, wrapped]) {
    expect(written(error)).not.toContain('pm_4711')
    expect(written(error)).not.toContain('ada@')
    expect(written(error)).toContain('stock_check')
  }
})

test('masks an address in a message, but not the path of a module', () => {
  const error = new Error('550 <Ada.Lovelace@example.org> unknown')
  error.stack = `${error.message}\n at send (node_modules/.pnpm/pg@8.16.3/node_modules/pg/lib/client.js:1:2)`
  expect(written(error)).not.toContain('Lovelace')
  expect(written(error)).toContain('.pnpm/pg@8.16.3/')
  expect(written('not sent to ada@example.org')).toBe('"not sent to [address]"')
})

test('returns any other value unchanged', () => {
  expect(loggedError({ code: 7 })).toEqual({ code: 7 })
  expect(loggedError(undefined)).toBeUndefined()
})
