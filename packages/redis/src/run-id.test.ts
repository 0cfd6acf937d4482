import { expect, it } from 'vitest'
import { runIdOf } from './run-id.ts'

const SERVER = '# Server\r\nredis_version:7.0.15\r\nrun_id:9603b1df\r\ntcp_port:1\r\n'
const replication = (fields: Record<string, string>) =>
  `# Replication\r\n${Object.entries({ role: 'master', ...fields })
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join('')}`
const NEVER_PROMOTED = { master_replid: 'aa', master_replid2: '0'.repeat(40), second_repl_offset: '-1' }

it('is the run_id of a server that was never promoted', () => {
  expect(runIdOf(SERVER, replication(NEVER_PROMOTED))).toBe('9603b1df')
  expect(runIdOf(SERVER, replication({ ...NEVER_PROMOTED, master_replid: 'bb', connected_slaves: '2' }))).toBe(
    '9603b1df',
  )
})

it('is the run_id where the server says nothing about replication', () => {
  expect(runIdOf(SERVER, '')).toBe('9603b1df')
})

it('differs between two times as master within one run', () => {
  const first = runIdOf(SERVER, replication({ master_replid2: 'a'.repeat(40), second_repl_offset: '10' }))
  const second = runIdOf(SERVER, replication({ master_replid2: 'a'.repeat(40), second_repl_offset: '11' }))
  const third = runIdOf(SERVER, replication({ master_replid2: 'b'.repeat(40), second_repl_offset: '11' }))
  expect(new Set([first, second, third, '9603b1df']).size).toBe(4)
  expect(first).toMatch(/^[0-9a-f]{40}$/)
})

it('does not exist for a replica, nor without a run_id', () => {
  expect(() => runIdOf(SERVER, replication({ ...NEVER_PROMOTED, role: 'slave' }))).toThrow('not the master')
  expect(() => runIdOf('# Server\r\n', replication(NEVER_PROMOTED))).toThrow('run_id')
})
