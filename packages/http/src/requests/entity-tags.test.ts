import { expect, it } from 'vitest'
import { isTagKnown, isTagMatched } from './entity-tags.ts'

it.each([
  [undefined, false],
  ['"a"', true],
  ['W/"a"', true],
  ['"b", W/"a"', true],
  ['*', true],
  ['"b"', false],
  ['a', false],
  ['', false],
])('If-None-Match: %s is known: %s', (header, isKnown) => expect(isTagKnown('"a"', header)).toBe(isKnown))

it.each([
  ['"a"', undefined, true],
  ['"a"', '"a"', true],
  ['"a"', '"b", "a"', true],
  ['"a"', '*', true],
  ['"a"', 'W/"a"', true],
  ['"a"', '"b"', false],
  [undefined, undefined, true],
  [undefined, '*', false],
  [undefined, '"a"', false],
])('%s may be replaced with If-Match: %s is %s', (etag, header, isMatched) =>
  expect(isTagMatched(etag, header)).toBe(isMatched),
)
