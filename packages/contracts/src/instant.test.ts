import { describe, expect, it } from 'vitest'
import { checkInstant } from './instant.ts'
import { instant } from './scalars.ts'

describe('is accepted, and converted to UTC with milliseconds', () => {
  it.each([
    ['2027-03-28T08:00:00Z', '2027-03-28T08:00:00.000Z'],
    ['2027-03-28T10:00:00+02:00', '2027-03-28T08:00:00.000Z'],
    ['2027-03-27T23:30:00-08:30', '2027-03-28T08:00:00.000Z'],
    ['2027-03-28t08:00:00z', '2027-03-28T08:00:00.000Z'],
    ['2027-03-28T08:00:00-00:00', '2027-03-28T08:00:00.000Z'],
    ['2027-03-28T08:00:00.5Z', '2027-03-28T08:00:00.500Z'],
    ['2027-03-28T08:00:00.123456789+00:00', '2027-03-28T08:00:00.123Z'],
    ['2028-02-29T00:00:00+05:45', '2028-02-28T18:15:00.000Z'],
    ['1970-01-01T00:00:00-00:01', '1970-01-01T00:01:00.000Z'],
  ])('%s', (typed, utc) => {
    expect(checkInstant(typed)).toEqual({ kind: 'instant', utc })
    expect(instant.parse(typed)).toBe(utc)
  })
})

describe('is rejected with the reason', () => {
  it.each([
    ['tomorrow', /must be an RFC 3339 time, such as 2027/],
    ['', /must be an RFC 3339 time/],
    ['2027-03-28', /must be an RFC 3339 time/],
    ['2027-03-28 08:00:00Z', /must be an RFC 3339 time/],
    ['2027-03-28T08:00Z', /must be an RFC 3339 time/],
    ['2027-03-28T08:00:00+0200', /must be an RFC 3339 time/],
    ['2027-03-28T08:00:00Z\n', /must be an RFC 3339 time/],
    ['+002027-03-28T08:00:00Z', /must be an RFC 3339 time/],
    ['2027-03-28T08:00:00', /must end in Z or an offset/],
    ['2027-03-28T24:00:00Z', /hour from 00 to 23; midnight is 00:00/],
    ['2027-03-28T08:60:00Z', /minutes from 00 to 59/],
    ['2016-12-31T23:59:60Z', /leap second/],
    ['2027-03-28T08:00:61Z', /seconds from 00 to 59/],
    ['2027-03-28T08:00:00+24:00', /offset/],
    ['2027-02-29T08:00:00Z', /day of the calendar/],
    ['2027-04-31T08:00:00Z', /day of the calendar/],
    ['2027-13-01T08:00:00Z', /day of the calendar/],
    ['1970-01-01T00:00:00Z', /after the beginning of 1970/],
    ['1969-12-31T23:59:59Z', /after the beginning of 1970/],
    ['9999-12-31T23:59:59-01:00', /before the year 10000/],
  ])('%j', (typed, why) => {
    expect(checkInstant(typed)).toEqual({ kind: 'refused', why: expect.stringMatching(why) })
    expect(instant.safeParse(typed).error?.issues).toHaveLength(1)
  })

  it.each([undefined, 7, {}, ['2027-03-28T08:00:00Z']])('%j, which is not a string', (value) => {
    expect(instant.safeParse(value).success).toBe(false)
  })
})
