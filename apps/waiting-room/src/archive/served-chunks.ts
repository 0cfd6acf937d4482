/** Places in one row of `rooms.served`. */
export const CHUNK_PLACES = 8_192
export const CHUNK_BYTES = CHUNK_PLACES / 8

export interface ChunkChange {
  readonly chunk: number
  /** Bits as Postgres formats them: '0' and '1', the lowest place first, in the order of Redis' SETBIT. */
  readonly set: string
  readonly keep: string
}

/** Groups places to mark (true) and to free (false) by their rows. Pure. */
export function chunkChanges(served: ReadonlyMap<number, boolean>): readonly ChunkChange[] {
  const chunks = new Map<number, { set: Buffer; keep: Buffer }>()
  for (const [place, isServed] of served) {
    const chunk = Math.floor(place / CHUNK_PLACES)
    const bits = chunks.get(chunk) ?? { set: Buffer.alloc(CHUNK_PLACES, '0'), keep: Buffer.alloc(CHUNK_PLACES, '1') }
    chunks.set(chunk, bits)
    bits[isServed ? 'set' : 'keep'].fill(isServed ? '1' : '0', place % CHUNK_PLACES, (place % CHUNK_PLACES) + 1)
  }
  return [...chunks].map(([chunk, { set, keep }]) => ({ chunk, set: set.toString(), keep: keep.toString() }))
}

/** Converts a row's bits to Redis' bytes. Pure. */
export function bytesOfBits(bits: string): Buffer {
  const bytes = Buffer.alloc(CHUNK_BYTES)
  for (let at = 0; at < CHUNK_BYTES; at += 1) bytes[at] = Number.parseInt(bits.slice(8 * at, 8 * at + 8), 2)
  return bytes
}

/** Converts Redis' bytes to a row's bits. Pure. */
export function bitsOfBytes(bytes: Buffer): string {
  let bits = ''
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0')
  return bits.padEnd(CHUNK_PLACES, '0')
}

/**
 * Returns the places, counted from the row's first, whose bits are set in the first text and not in the second, which
 * may be shorter. Pure.
 */
export function placesOnlyIn(one: Buffer, other: Buffer): readonly number[] {
  const places: number[] = []
  for (const [at, byte] of one.entries()) {
    const only = byte & ~(other[at] ?? 0)
    if (only === 0) continue
    for (let bit = 0; bit < 8; bit += 1) if ((only & (0x80 >> bit)) !== 0) places.push(8 * at + bit)
  }
  return places
}
