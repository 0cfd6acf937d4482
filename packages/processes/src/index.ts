export { isSameProcess, type ProcessIdentity, processIdentity } from './identity.ts'
export { processesWorkingIn, stopLeftovers } from './leftovers.ts'
export { assertPortFree, freePort, freePorts, type PortHolder, PortInUse, portHolder } from './ports.ts'
export { type OwnedProcess, type ProcessExit, spawnOwned, type UserIds } from './spawn-owned.ts'
