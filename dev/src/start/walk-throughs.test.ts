import { expect, it } from 'vitest'
import { repository } from '../system/node-process.ts'
import { notPrinted, readWalkThroughs } from './walk-throughs.ts'

it('every page for another shop has a block that says what it prints, at the ports of the system', async () => {
  const [front, ...others] = await readWalkThroughs(repository, 17_000)
  expect(front?.script).toContain('localhost:17100/sales/demo/tickets')
  expect(others).toHaveLength(5)
  for (const { name, script, prints } of others) {
    expect(prints.length, name).toBeGreaterThan(1)
    expect(script, name).not.toMatch(/localhost:7/)
  }
})

it('an output prints the texts in their order', () => {
  expect(notPrinted({ prints: ['confirmed', '1', 'yes'] }, 'confirmed\n1\nCOAT yes\n')).toEqual([])
  expect(notPrinted({ prints: ['1', 'confirmed'] }, 'confirmed\n1\n')).toEqual(['confirmed'])
})
