import { describe, expect, it } from 'vitest'
import { localValueOf, type OffsetMinutesAt, readLocalTime, zonedText } from './local-time.ts'

/** Returns a zone's offsets from Intl. */
const zone = (timeZone: string): OffsetMinutesAt => {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
  return function offsetMinutesAt(ms) {
    const name = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? ''
    const [, sign, hours = '0', minutes = '0'] = /([+-])(\d{2}):(\d{2})/.exec(name) ?? []
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
  }
}

describe('a local time', () => {
  it.each([
    ['Europe/Berlin', '2027-03-28T01:59', 'once', '2027-03-28T00:59:00.000Z'],
    ['Europe/Berlin', '2027-03-28T02:30', 'skipped', '2027-03-28T01:30:00.000Z'],
    ['Europe/Berlin', '2027-03-28T03:00', 'once', '2027-03-28T01:00:00.000Z'],
    ['Europe/Berlin', '2027-10-31T01:59', 'once', '2027-10-30T23:59:00.000Z'],
    ['Europe/Berlin', '2027-10-31T02:30', 'twice', '2027-10-31T00:30:00.000Z', '2027-10-31T01:30:00.000Z'],
    ['Europe/Berlin', '2027-10-31T03:00', 'once', '2027-10-31T02:00:00.000Z'],
    ['America/New_York', '2027-03-14T02:00', 'skipped', '2027-03-14T07:00:00.000Z'],
    ['America/New_York', '2027-11-07T01:30', 'twice', '2027-11-07T05:30:00.000Z', '2027-11-07T06:30:00.000Z'],
    // Half an hour, in the southern hemisphere.
    ['Australia/Lord_Howe', '2027-10-03T02:15', 'skipped', '2027-10-02T15:45:00.000Z'],
    ['Australia/Lord_Howe', '2027-04-04T01:45', 'twice', '2027-04-03T14:45:00.000Z', '2027-04-03T15:15:00.000Z'],
    // Only the first and last half hours are unambiguous.
    ['Australia/Lord_Howe', '2027-04-04T01:29', 'once', '2027-04-03T14:29:00.000Z'],
    ['Australia/Lord_Howe', '2027-04-04T02:00', 'once', '2027-04-03T15:30:00.000Z'],
    ['Asia/Seoul', '2027-03-28T02:30:15.5', 'once', '2027-03-27T17:30:15.500Z'],
    ['UTC', '2027-03-28T02:30', 'once', '2027-03-28T02:30:00.000Z'],
  ])('%s %s: %s', (timeZone, value, kind, at, second?: string) => {
    expect(readLocalTime(value, zone(timeZone))).toEqual({ kind, at, ...(second === undefined ? {} : { second }) })
  })

  it.each(['', 'tomorrow', '2027-03-28', '2027-13-28T02:30'])('%j is none', (value) => {
    expect(readLocalTime(value, zone('UTC'))).toEqual({ kind: 'none' })
  })
})

it.each([
  [null, ''],
  ['2027-03-28T01:00:00.000Z', '2027-03-28T03:00'],
  ['2027-10-31T01:30:00.000Z', '2027-10-31T02:30'],
  ['2027-10-31T01:30:05.000Z', '2027-10-31T02:30:05'],
  ['2027-10-31T01:30:00.250Z', '2027-10-31T02:30:00.250'],
])('%s is shown as %s', (at, value) => {
  expect(localValueOf(at, zone('Europe/Berlin'))).toBe(value)
})

it('formats an instant with its offset and its zone', () => {
  const said = (at: string, timeZone: string) => zonedText(at, { language: 'en-GB', timeZone })
  expect(said('2027-10-31T00:30:00Z', 'Europe/Berlin')).toMatch(/31 October 2027 at 02:30:00 GMT\+2 \(Europe\/Berlin\)/)
  expect(said('2027-10-31T01:30:00Z', 'Europe/Berlin')).toMatch(/02:30:00 GMT\+1 \(Europe\/Berlin\)/)
  expect(said('2027-10-31T01:30:00Z', 'UTC')).toMatch(/01:30:00 GMT(?:\+0)? \(UTC\)/)
})
