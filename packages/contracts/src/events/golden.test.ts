import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { eventDefinitions } from './catalogue.ts'
import { decodeEvent, encodeEvent } from './cloud-event.ts'

const fixtures = new URL('../../fixtures/', import.meta.url)
const readJson = (file: URL) => JSON.parse(readFileSync(file, 'utf8'))

// A fixture is an event that some process has published in the past: a change that breaks one needs a `.v2` beside it.
describe('a published event', () => {
  it.each(eventDefinitions.map(({ type }) => type))('%s still decodes and encodes to the same bytes', (type) => {
    const golden = readJson(new URL(`${type}.json`, fixtures))
    const decoded = decodeEvent({ headers: golden.headers, value: JSON.stringify(golden.value) })
    if (decoded.kind !== 'event') throw new Error(decoded.reason)
    const encoded = encodeEvent(decoded.event)
    expect({ ...encoded, value: JSON.parse(encoded.value) }).toEqual(golden)
  })

  it('has exactly one fixture', () => {
    expect(readdirSync(fixtures).sort()).toEqual(eventDefinitions.map(({ type }) => `${type}.json`).sort())
  })
})
