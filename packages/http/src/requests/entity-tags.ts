/**
 * Returns the tags of an `If-Match` or `If-None-Match`, weak ones as if they were strong: a compressing proxy weakens
 * tags in responses, but they still name exact versions. This server issues no tag with a comma.
 */
const tagsIn = (header: string): readonly string[] => header.split(',').map((tag) => tag.trim().replace(/^W\//, ''))

/** Tells whether a client has this version, for `If-None-Match` (RFC 9110 §13.1.2). */
export function isTagKnown(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false
  const tags = tagsIn(ifNoneMatch)
  return tags.includes('*') || tags.includes(etag)
}

/**
 * Tells whether a change may replace this version, for `If-Match` (RFC 9110 §13.1.1). An undefined tag: nothing exists
 * yet.
 */
export function isTagMatched(etag: string | undefined, ifMatch: string | undefined): boolean {
  if (ifMatch === undefined) return true
  if (etag === undefined) return false
  const tags = tagsIn(ifMatch)
  return tags.includes('*') || tags.includes(etag)
}

/**
 * Tells whether a change may replace this version, by the conditions of its request: any version, unless it names some.
 * An undefined tag: nothing exists yet.
 */
export function isReplaceable(
  etag: string | undefined,
  headers: { readonly 'if-match'?: string | undefined; readonly 'if-none-match'?: string | undefined },
): boolean {
  return isTagMatched(etag, headers['if-match']) && !(etag !== undefined && isTagKnown(etag, headers['if-none-match']))
}
