import { bodyOf, createClient } from '@floodgate/client'
import { deadLetterRoutes } from '@floodgate/contracts'
import { appNames, type System } from '@floodgate/dev/system'
import { expect } from 'vitest'
import { patiently, sendTo } from '../client/http.ts'

/** Expects that the consumers of every app could read and handle all events. */
export async function expectNoDeadLetters(system: System): Promise<void> {
  const { adminToken } = system
  for (const app of appNames) {
    const send = patiently(sendTo(system.urlsOf(app)))
    const { groups } = await bodyOf(createClient(deadLetterRoutes, { send, adminToken }).countDeadLetters())
    expect(groups.length, app).toBeGreaterThan(0)
    for (const { group, letters } of groups) expect(letters, `dead letters of ${group}`).toBe(0)
  }
}
