import { readFileSync } from 'node:fs'

/** Reads the programs of the README: what a shop would copy, by the adapter that each imports. */
export function readPrograms(
  path = '../../README.md',
): readonly { readonly framework: string; readonly text: string }[] {
  const readme = readFileSync(new URL(path, import.meta.url), 'utf8')
  return [...readme.matchAll(/```ts\n(.*?)```/gs)].flatMap(([, text = '']) => {
    const [, framework] = /@floodgate\/admission\/(\w+)'/.exec(text) ?? []
    return framework === undefined ? [] : [{ framework, text }]
  })
}
