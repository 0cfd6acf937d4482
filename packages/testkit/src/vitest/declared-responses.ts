import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, expect } from 'vitest'
import { takeUndeclared, watchResponses } from '../openapi/watch-responses.ts'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
/**
 * Test files whose responses are checked. Tests of some packages have servers of their own on the apps' paths, and
 * proxies send responses themselves.
 */
const JUDGED = /^(?:apps|dev|stories)\/(?!src\/proxies\/)/

watchResponses()
afterEach(expectDeclared)
afterAll(expectDeclared)

/** Fails a test that got a response from an app with a status that its OpenAPI document does not declare. */
function expectDeclared(): void {
  const undeclared = takeUndeclared()
  const { testPath = '' } = expect.getState()
  if (JUDGED.test(relative(ROOT, testPath))) expect(undeclared, 'answers that no document declares').toEqual([])
}
