export { postgresDataDir } from './place.ts'
export { type PostgresServer, type StartPostgresOptions, startPostgres } from './server.ts'
export { STANDBY_NAME, startStandby } from './standby.ts'
