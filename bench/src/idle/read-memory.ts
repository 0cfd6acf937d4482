import { readFile } from 'node:fs/promises'

/** The memory of one process. */
export interface Memory {
  /** All pages that it has in memory. */
  readonly residentKib: number
  /** The same, but each shared page counts by its share: the amount that the process adds to the machine. */
  readonly proportionalKib: number
}

/** Reads a process' memory from the kernel's own sum over its mappings. */
export async function readMemory(pid: number): Promise<Memory> {
  return parseSmapsRollup(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8'))
}

/** Pure. */
export function parseSmapsRollup(text: string): Memory {
  const kib = (name: string): number => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]
    if (found === undefined) throw new Error(`The kernel does not report ${name}.`)
    return Number(found)
  }
  return { residentKib: kib('Rss'), proportionalKib: kib('Pss') }
}
