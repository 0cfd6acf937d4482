/**
 * Replaces the text between `<!-- NAME -->` and `<!-- /config -->`, for every name; throws for a missing name. Pure.
 */
export function replaceSections(text: string, sections: ReadonlyMap<string, string>): string {
  let result = text
  for (const [name, content] of sections) {
    const opening = `<!-- ${name} -->`
    const closing = '<!-- /config -->'
    const start = result.indexOf(opening)
    const end = result.indexOf(closing, start)
    if (start < 0 || end < 0) throw new Error(`The file has no ${opening} … ${closing} for a table.`)
    result = `${result.slice(0, start + opening.length)}\n${content}${result.slice(end)}`
  }
  return result
}
