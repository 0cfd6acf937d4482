import { expect, it } from 'vitest'
import { runIdOf } from './run-id.ts'

it('finds the run_id among the other lines of INFO server', () => {
  expect(runIdOf('# Server\r\nredis_version:7.0.15\r\nrun_id:9603b1df\r\ntcp_port:1\r\n')).toBe('9603b1df')
})

it('throws without one', () => {
  expect(() => runIdOf('# Server\r\n')).toThrow()
})
