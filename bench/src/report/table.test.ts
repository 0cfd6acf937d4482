import { expect, it } from 'vitest'
import { table } from './table.ts'

it('is Markdown, whatever a cell contains', () => {
  expect(
    table(
      ['what', 'count'],
      [
        ['a|b', 2],
        ['', 3],
      ],
      { numeric: true },
    ),
  ).toBe('| what | count |\n|---|---:|\n| a\\|b | 2 |\n| | 3 |')
  expect(table(['what'], [])).toBe('| what |\n|---|')
})
