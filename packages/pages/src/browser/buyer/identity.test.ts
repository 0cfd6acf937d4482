import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { after, jobKinds, joined, rejected, screenOf, start } from '../../testing/buyer-page.ts'
import { openIdentity } from './identity.ts'

let stored: Map<string, string>
beforeEach(() => {
  stored = new Map()
  vi.stubGlobal('sessionStorage', {
    getItem: (name: string) => stored.get(name) ?? null,
    setItem: (name: string, value: string) => void stored.set(name, value),
    removeItem: (name: string) => void stored.delete(name),
  })
})
afterEach(() => vi.unstubAllGlobals())

describe('the ID token of a page', () => {
  it('survives a reload, is replaced by a newer one, and belongs to one sale', () => {
    expect(openIdentity('demo', 'first').current()).toBe('first')
    expect(openIdentity('demo', undefined).current()).toBe('first')
    expect(openIdentity('other', undefined).current()).toBeUndefined()
    expect(openIdentity('demo', 'second').current()).toBe('second')
    expect(openIdentity('demo', undefined).current()).toBe('second')
  })

  it('is forgotten once it is rejected', () => {
    openIdentity('demo', 'first').drop()
    expect(openIdentity('demo', undefined).current()).toBeUndefined()
    expect(stored.size).toBe(0)
  })

  it('is kept only by the page where the tab stores nothing', () => {
    vi.stubGlobal('sessionStorage', undefined)
    expect(openIdentity('demo', 'first').current()).toBe('first')
    expect(openIdentity('demo', undefined).current()).toBeUndefined()
  })
})

const { problem } = rejected('identity-revoked', { status: 401, hopeless: true })

it('a buyer whose account is revoked in line gets that message, and the page sends no more requests', () => {
  const model = after(start, joined, { kind: 'ticket-rejected', problem })
  expect(screenOf(model)).toMatchObject({
    kind: 'join-rejected',
    problem: { code: 'identity-revoked' },
    retries: false,
  })
  expect(jobKinds(model)).toEqual([])
  expect(model.ticket).toBeUndefined()
})
