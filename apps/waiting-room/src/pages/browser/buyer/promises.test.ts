import { expect, it } from 'vitest'
import { promiseText, warningTexts } from './promises.ts'

const everything = { cookies: true, tab: true }

it('a browser that keeps cookies is promised its place over a reload, and warned of nothing', () => {
  expect(promiseText(everything)).toMatch(/does not get lost when you reload/)
  expect(promiseText({ cookies: true, tab: false })).toBe(promiseText(everything))
  expect(warningTexts(everything, true)).toEqual([])
})

it('one that keeps the tab alone is told not to close it, one that keeps nothing not to reload', () => {
  expect(promiseText({ cookies: false, tab: true })).toMatch(/can reload.*close this tab, your place is lost/)
  expect(warningTexts({ cookies: false, tab: true }, true)).toEqual([expect.stringMatching(/do not close it/)])
  expect(promiseText({ cookies: false, tab: false })).toMatch(/reload or close this page, your place is lost/)
  expect(warningTexts({ cookies: false, tab: false }, true)).toEqual([expect.stringMatching(/lost when you reload/)])
})

it('a page over plain http says what that means', () => {
  expect(warningTexts(everything, false)).toEqual([expect.stringMatching(/not encrypted/)])
})
