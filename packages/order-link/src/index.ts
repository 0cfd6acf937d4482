export type { LinkKey, LinkKeyRing } from './link-keys.ts'
export { createLinkMinter, type LinkMinter, type MintedLink } from './mint-link.ts'
export { createLinkVerifier, isOrderLink, type LinkVerdict, type LinkVerifier } from './verify-link.ts'
