import { texts as english } from '@floodgate/texts/languages/en'
import { expect, it } from 'vitest'
import { promiseText, warningTexts } from './promises.ts'

const everything = { cookies: true, tab: true }

it('a browser that stores cookies keeps its place across a reload, and gets no warning', () => {
  expect(promiseText(everything, english)).toMatch(/keep your place when you reload/)
  expect(promiseText({ cookies: true, tab: false }, english)).toBe(promiseText(everything, english))
  expect(warningTexts(everything, { isEncrypted: true, texts: english })).toEqual([])
})

it('one that stores only the tab gets a warning not to close it, one that stores nothing not to reload', () => {
  expect(promiseText({ cookies: false, tab: true }, english)).toMatch(/can reload.*close this tab, you lose your place/)
  expect(warningTexts({ cookies: false, tab: true }, { isEncrypted: true, texts: english })).toEqual([
    expect.stringMatching(/do not close it/),
  ])
  expect(promiseText({ cookies: false, tab: false }, english)).toMatch(/reload or close this page, you lose your place/)
  expect(warningTexts({ cookies: false, tab: false }, { isEncrypted: true, texts: english })).toEqual([
    expect.stringMatching(/lose your place when you reload/),
  ])
})

it('a page over plain http explains the risk', () => {
  expect(warningTexts(everything, { isEncrypted: false, texts: english })).toEqual([
    expect.stringMatching(/unencrypted/),
  ])
})
