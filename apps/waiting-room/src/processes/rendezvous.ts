/**
 * Ranks processes for a sale: highest random weight first (rendezvous hashing). All processes that know the same
 * members agree on the order, and a member that comes or goes moves only its own sales.
 */
export function rankProcesses(sale: string, processes: readonly string[]): readonly string[] {
  const weighed = processes.map((process) => ({ process, weight: weightOf(`${process} ${sale}`) }))
  weighed.sort((one, other) => other.weight - one.weight || (one.process < other.process ? -1 : 1))
  return weighed.map(({ process }) => process)
}

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/**
 * Hashes with FNV-1a, then the finalizer of MurmurHash3: FNV alone leaves names with a common prefix close together.
 */
function weightOf(text: string): number {
  let hash = FNV_OFFSET
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
