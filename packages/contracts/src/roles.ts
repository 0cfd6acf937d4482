/**
 * What an operator's token may do, each role also what the roles before it may: a viewer reads, an operator runs sales
 * and repairs, an admin deletes, erases buyers and makes tokens (docs/adr/0058-roles.md).
 */
export const ROLES = ['viewer', 'operator', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** Tells whether a token of role `has` may call a route that needs role `needs`. */
export function isRoleEnough(has: Role, needs: Role): boolean {
  return ROLES.indexOf(has) >= ROLES.indexOf(needs)
}
