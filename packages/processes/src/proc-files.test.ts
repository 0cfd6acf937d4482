import { describe, expect, test } from 'vitest'
import { parseProcessStat } from './identity.ts'
import { listeningInodes } from './ports.ts'

describe('the identity of a process', () => {
  const rest = '1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 123456 1 2'

  test('is its pid and start time, whatever its name looks like', () => {
    expect(parseProcessStat(7, `7 (odd) name) S) S ${rest}`)).toEqual({ pid: 7, startTime: 123456 })
  })

  test('is undefined for a zombie', () => {
    expect(parseProcessStat(7, `7 (node) Z ${rest}`)).toBeUndefined()
  })
})

describe('the sockets that listen on a port', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1C0C 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0 100 0 0 10 0
   1: 0100007F:1C0C 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 222 1 0 20 4 30 10 -1
   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1 0 100 0 0 10 0`

  test('are found by port and state', () => {
    expect(listeningInodes(table, 7180)).toEqual(['111'])
    expect(listeningInodes(table, 80)).toEqual(['333'])
    expect(listeningInodes(table, 0x0c)).toEqual([])
  })
})
