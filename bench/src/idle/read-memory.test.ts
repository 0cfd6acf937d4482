import { expect, it } from 'vitest'
import { parseSmapsRollup } from './read-memory.ts'

it("reads a process' memory from the kernel, and rejects missing values", () => {
  const text =
    '00400000-7fff rollup\nRss:              119000 kB\nPss:               71000 kB\nPss_Dirty:         60000 kB\n'
  expect(parseSmapsRollup(text)).toEqual({ residentKib: 119_000, proportionalKib: 71_000 })
  expect(() => parseSmapsRollup('Rss: 1 kB\n')).toThrow('Pss')
})
