import { expect, it } from 'vitest'
import { mailFaults } from './mail-faults.ts'

it('each buyer gets exactly one mail', () => {
  expect(mailFaults(['a', 'b'], 2)).toEqual([])
  expect(mailFaults(['a', 'a'], 2)).toEqual(['1 of 2 buyers got a mail', '1 mails were delivered twice'])
})
