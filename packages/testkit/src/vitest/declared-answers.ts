import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, expect } from 'vitest'
import { takeUndeclared, watchAnswers } from '../openapi/watch-answers.ts'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
/**
 * Files whose responses are checked. Some packages' own tests have servers on paths of the apps, and proxies respond by
 * themselves.
 */
const JUDGED = /^(?:apps|dev|stories)\/(?!src\/proxies\/)/

watchAnswers()
afterEach(expectDeclared)
afterAll(expectDeclared)

/** Fails a test that got a response from an app whose status its OpenAPI document does not declare. */
function expectDeclared(): void {
  const undeclared = takeUndeclared()
  const { testPath = '' } = expect.getState()
  if (JUDGED.test(relative(ROOT, testPath))) expect(undeclared, 'answers that no document declares').toEqual([])
}
