/**
 * The tags of an `If-Match` or `If-None-Match`, weak ones as if they were strong: a proxy that compresses answers makes tags weak on
 * their way out, and ours stand for exact versions all the same. A tag with a comma in it is none of ours.
 */
const tagsIn = (header: string): readonly string[] => header.split(',').map((tag) => tag.trim().replace(/^W\//, ''))

/** Whether a client has this version, for `If-None-Match` (RFC 9110 §13.1.2). */
export function isTagKnown(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false
  const tags = tagsIn(ifNoneMatch)
  return tags.includes('*') || tags.includes(etag)
}

/** Whether a change may replace this version, for `If-Match` (RFC 9110 §13.1.1). Undefined: there is nothing. */
export function isTagMatched(etag: string | undefined, ifMatch: string | undefined): boolean {
  if (ifMatch === undefined) return true
  if (etag === undefined) return false
  const tags = tagsIn(ifMatch)
  return tags.includes('*') || tags.includes(etag)
}
