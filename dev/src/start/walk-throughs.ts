import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A block of commands in the documents that a new user runs. */
export interface WalkThrough {
  readonly name: string
  /** Unchanged, except for the ports. */
  readonly script: string
  /** What it prints, in this order, by its own comments (`# → …`). */
  readonly prints: readonly string[]
}

const FOLDER = 'docs/coming-from'
const INDEX = 'README.md'

/** Reads the walk-through of the front page, and those for developers who come from another shop. */
export async function readWalkThroughs(checkout: string, portBase: number): Promise<WalkThrough[]> {
  const blockOf = async (path: string, heading: string): Promise<string> => {
    const text = await readFile(join(checkout, path), 'utf8')
    const block = new RegExp(`## ${heading}\\n.*?\`\`\`sh\\n(.*?)\`\`\``, 's').exec(text)?.[1]
    if (block === undefined) throw new Error(`${path} has no walk-through.`)
    return block.replaceAll(/localhost:7(\d{3})/g, (_, offset: string) => `localhost:${portBase + Number(offset)}`)
  }
  const walkThroughOf = (name: string, script: string): WalkThrough => ({
    ...{ name, script },
    prints: [...script.matchAll(/# → (.+)$/gm)].map(([, printed = '']) => printed.trim()),
  })
  const admission = await blockOf(join(FOLDER, INDEX), 'Be admitted')
  const pages = (await readdir(join(checkout, FOLDER))).filter((name) => name !== INDEX).sort()
  return [
    walkThroughOf('the front page', await blockOf(INDEX, 'Buy something with curl')),
    ...(await Promise.all(
      pages.map(async (name) => walkThroughOf(name, admission + (await blockOf(join(FOLDER, name), 'Try it')))),
    )),
  ]
}

/** Returns what is missing in an output that must contain all of these texts in their order. Pure. */
export function notPrinted({ prints }: Pick<WalkThrough, 'prints'>, output: string): string[] {
  let from = 0
  return prints.filter((text) => {
    const at = output.indexOf(text, from)
    if (at >= 0) from = at + text.length
    return at < 0
  })
}
