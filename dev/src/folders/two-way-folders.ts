import { posix } from 'node:path'

/** Two sibling folders that import each other, with the imports of the direction that has fewer. */
export interface TwoWayFolders {
  /** Such as `packages/event-bus/src: delivery, letters`. */
  readonly folders: string
  readonly imports: readonly string[]
}

const FROM = /\b(?:from|import\()\s*'(\.[^']+)'/g
/** Tests, and files that only they use, may import everything. */
const NEEDED_BY_TESTS = /\.(?:test|story|browser)\.ts$|\/(?:testing|fixtures|app-tests)\//

/** Finds pairs of sibling folders that import each other among TypeScript files, given as path → text. Pure. */
export function findTwoWayFolders(files: ReadonlyMap<string, string>): readonly TwoWayFolders[] {
  const edges = new Map<string, string[]>()
  for (const [file, text] of files) {
    if (NEEDED_BY_TESTS.test(file)) continue
    for (const [, specifier = ''] of text.matchAll(FROM)) {
      const imported = posix.join(posix.dirname(file), specifier)
      const edge = edgeBetween(file.split('/'), imported.split('/'))
      if (edge !== undefined) edges.set(edge, [...(edges.get(edge) ?? []), `${file} -> ${imported}`])
    }
  }
  return [...edges].flatMap(([edge, imports]) => {
    const { parent, from, to } = JSON.parse(edge) as Edge
    const back = edges.get(nameOf({ parent, from: to, to: from }))
    if (back === undefined || from > to) return []
    return [{ folders: `${parent}: ${from}, ${to}`, imports: back.length < imports.length ? back : imports }]
  })
}

interface Edge {
  readonly parent: string
  readonly from: string
  readonly to: string
}

function nameOf({ parent, from, to }: Edge): string {
  return JSON.stringify({ parent, from, to })
}

/** Undefined where a file is imported from its own folder, or one of the two is next to the other's folder. */
function edgeBetween(file: readonly string[], imported: readonly string[]): string | undefined {
  const at = file.findIndex((segment, index) => segment !== imported[index])
  const [from, to] = [file[at], imported[at]]
  if (from === undefined || to === undefined || at === file.length - 1 || at === imported.length - 1) return undefined
  return nameOf({ parent: file.slice(0, at).join('/'), from, to })
}
