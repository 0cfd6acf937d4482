import { describe, expect, test } from 'vitest'
import { incrementalFileName, lastSecondOffset } from './aof.ts'

describe('the current append-only file', () => {
  test('is the last incremental one of the manifest', () => {
    const manifest = `file appendonly.aof.2.base.rdb seq 2 type b
file appendonly.aof.1.incr.aof seq 1 type h
file appendonly.aof.2.incr.aof seq 2 type i
file appendonly.aof.3.incr.aof seq 3 type i
`
    expect(incrementalFileName(manifest)).toBe('appendonly.aof.3.incr.aof')
    expect(incrementalFileName('file appendonly.aof.1.base.rdb seq 1 type b\n')).toBeUndefined()
  })
})

describe('the last second of an append-only file', () => {
  test('begins at its last time mark', () => {
    const content = '#TS:100\r\n*1\r\n$4\r\nPING\r\n#TS:101\r\n*1\r\n$4\r\nPING\r\n'
    expect(content.slice(lastSecondOffset(Buffer.from(content)))).toBe('#TS:101\r\n*1\r\n$4\r\nPING\r\n')
  })

  test('is the whole file when there is one mark, and nothing without any', () => {
    expect(lastSecondOffset(Buffer.from('#TS:100\r\n*1\r\n$4\r\nPING\r\n'))).toBe(0)
    expect(lastSecondOffset(Buffer.from(''))).toBeUndefined()
  })
})
