export { startHaproxy } from './haproxy.ts'
export { proxyPrograms } from './install.ts'
export { startNginx } from './nginx.ts'
export type { ProxyServer } from './proxy-server.ts'
