import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const firstExample = (path: string) =>
  /```ts\n(.*?)```/s.exec(readFileSync(new URL(path, import.meta.url), 'utf8'))?.[1]

// package.it.test.ts compiles and runs the package's own example.
it('the front page shows the example that is tested', () => {
  expect(firstExample('../../../README.md')).toBe(firstExample('../README.md'))
})
