/** One label of a host name, as browsers serialize it. */
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const BYTE = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
/**
 * Pattern of a host name or an IPv4 address, in small letters. The last label begins with a letter, or the host is an
 * address: URLs parse a host that ends in a number as one (WHATWG URL §3.5).
 */
export const HOST = `(?:(?:${LABEL}\\.){0,30}[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?|${BYTE}(?:\\.${BYTE}){3})`
/** Pattern of a port from 1 to 65535. */
export const PORT = '(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})'
