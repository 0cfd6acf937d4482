import { expect, it } from 'vitest'
import { formatView, type View } from './view.ts'

const table: View = {
  kind: 'table',
  columns: ['sale', 'waiting', 'name'],
  rows: [
    ['demo', 12_345, 'Winter sale of last winter'],
    ['a-longer-one', 7, null],
  ],
  empty: 'There is no sale.',
}
const plain = { width: undefined, isColoured: false }

it('a table is aligned: words on the left, numbers on the right', () => {
  expect(formatView(table, plain)).toBe(
    'SALE          WAITING  NAME\n' +
      'demo            12345  Winter sale of last winter\n' +
      'a-longer-one        7  –\n',
  )
})

it('on a terminal its last column ends at the edge, and its head is bold where colours are wanted', () => {
  expect(formatView(table, { width: 36, isColoured: false }).split('\n')[1]).toBe('demo            12345  Winter sale…')
  expect(formatView(table, { width: 36, isColoured: true }).split('\n')[0]).toBe(
    '\u001b[1mSALE          WAITING  NAME\u001b[0m',
  )
})

it('a value can neither move the cursor, nor fake a row, nor turn the writing direction', () => {
  const row: View = { ...table, rows: [['demo', 1, 'first\r\n\u001b[2Jsecond\u009b\u2028\u202eevil']] } as View
  expect(formatView(row, plain).split('\n')[1]).toBe('demo        1  first [2Jsecond evil')
  expect(formatView({ kind: 'text', text: 'one\n  two\u009b2J\u2066' }, plain)).toBe('one\n  two 2J \n')
})

it('letters that take two columns are aligned by what they take, and none is halved', () => {
  const rows = [
    ['겨울', 1, '겨울 세일 대축제'],
    ['demo', 2, 'a👩‍👩‍👧b'],
  ]
  const shown = formatView({ ...table, rows } as View, { width: 25, isColoured: false })
  expect(shown.split('\n').slice(1, 3)).toEqual(['겨울        1  겨울 세일…', 'demo        2  a👩‍👩‍👧b'])
})

it('a table may have more rows than a call has arguments', () => {
  const rows = Array.from({ length: 200_000 }, (_, row) => ['demo', row, 'x'])
  expect(formatView({ ...table, rows } as View, plain)).toMatch(/\ndemo {3}199999 {2}x\n$/)
})

it('an empty table says so, facts are aligned, and views are separated by an empty line', () => {
  const facts: View = {
    kind: 'facts',
    facts: [
      ['name', 'x'],
      ['expires at', null],
      ['is open', true],
    ],
  }
  const views: View = { kind: 'all', views: [facts, { ...table, rows: [] } as View, { kind: 'text', text: '' }] }
  expect(formatView(views, plain)).toBe('name        x\nexpires at  –\nis open     yes\n\nThere is no sale.\n')
})
