import { expect, it } from 'vitest'
import { signedInText } from './role.ts'

it('the console shows the name, the role and the expiry of the token it uses', () => {
  expect(signedInText({ id: 'ADMIN_TOKEN', name: 'ADMIN_TOKEN', role: 'admin', expiresAt: null })).toBe(
    'Signed in as ADMIN_TOKEN (admin: everything).',
  )
  expect(signedInText({ id: 'a', name: 'Ada', role: 'viewer', expiresAt: '2027-06-26T12:00:00.000Z' })).toBe(
    'Signed in as Ada (viewer: reads only). The token expires on 26/06/2027.',
  )
})
