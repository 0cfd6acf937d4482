export { findJaeger, installJaeger } from './install.ts'
export { type JaegerServer, type StartJaegerOptions, startJaeger } from './server.ts'
