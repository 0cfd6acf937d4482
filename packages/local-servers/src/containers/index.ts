export { type ContainerEngine, startContainerEngine } from './engine.ts'
export { hasContainerEngine, installContainerEngine } from './install.ts'
export { makeNodeImage } from './node-image.ts'
export { makeServerImages } from './stand-ins.ts'
