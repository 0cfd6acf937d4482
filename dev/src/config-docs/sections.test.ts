import { expect, test } from 'vitest'
import { replaceSections } from './sections.ts'

const text =
  'before\n<!-- config:one -->\nold\n<!-- /config -->\nbetween\n<!-- config:two -->\n<!-- /config -->\nafter\n'

test('only the text between the marks is replaced', () => {
  const sections = new Map([
    ['config:one', 'first\n'],
    ['config:two', 'second\n'],
  ])
  expect(replaceSections(text, sections)).toBe(
    'before\n<!-- config:one -->\nfirst\n<!-- /config -->\nbetween\n<!-- config:two -->\nsecond\n<!-- /config -->\nafter\n',
  )
})

test('a missing mark is an error', () => {
  expect(() => replaceSections(text, new Map([['config:three', 'x']]))).toThrow('config:three')
})
