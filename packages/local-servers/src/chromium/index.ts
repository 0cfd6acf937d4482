export { chromiumPath, installChromium } from './install.ts'
